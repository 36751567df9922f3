"use strict";
// Tables that can be sorted, filtered and lengthened. Rows are lists of strings.
const AT_ONCE = 50;
const order = new Intl.Collator("en", { numeric: true });
const valueOf = (text) => (text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text));

function compare(a, b, numeric) {
  return numeric ? valueOf(a) - valueOf(b) || 0 : order.compare(a, b);
}

function start(box) {
  const rows = JSON.parse(box.querySelector('script[type="application/json"]').textContent);
  const headers = [...box.querySelectorAll("th")];
  const numeric = headers.map((header) => header.classList.contains("numeric"));
  const body = box.querySelector("tbody");
  const words = box.querySelector("input");
  const choices = [...box.querySelectorAll("select")];
  const more = box.querySelector(".more");
  const status = box.querySelector(".status span");
  let sorted = null; // { column, sign }
  let shown = body.rows.length;

  function matches(row, wanted) {
    const text = row.join(" ").toLowerCase();
    return (
      wanted.every((word) => text.includes(word)) &&
      choices.every((choice) => !choice.value || row[choice.dataset.column] === choice.value)
    );
  }

  function render() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((row) => matches(row, wanted));
    if (sorted) {
      const { column, sign } = sorted;
      kept.sort((a, b) => {
        const missing = (a[column] === "") - (b[column] === ""); // comes last either way
        return missing || sign * compare(a[column], b[column], numeric[column]);
      });
    }
    const lines = kept.slice(0, shown).map((row) => {
      const line = document.createElement("tr");
      row.forEach((text, column) => {
        const cell = line.insertCell();
        cell.textContent = text;
        if (numeric[column]) cell.className = "numeric";
      });
      return line;
    });
    body.replaceChildren(...lines);
    headers.forEach((header, column) => {
      if (sorted && sorted.column === column)
        header.setAttribute("aria-sort", sorted.sign > 0 ? "ascending" : "descending");
      else header.removeAttribute("aria-sort");
    });
    const count = (number) => number.toLocaleString("en");
    const of = kept.length < rows.length ? ` (of ${count(rows.length)})` : "";
    status.textContent = `${count(lines.length)} of ${count(kept.length)} rows${of}`;
    more.hidden = lines.length === kept.length;
  }

  headers.forEach((header, column) => {
    header.querySelector("button").addEventListener("click", () => {
      const again = sorted && sorted.column === column && sorted.sign > 0;
      sorted = { column, sign: again ? -1 : 1 };
      render();
    });
  });
  for (const control of [words, ...choices]) control.addEventListener("input", render);
  more.addEventListener("click", () => {
    shown += AT_ONCE;
    render();
  });
  box.querySelector(".controls").hidden = false;
  render();
}

for (const box of document.querySelectorAll(".table")) {
  box.addEventListener("toggle", () => start(box), { once: true });
}

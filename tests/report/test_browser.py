"""The page in a real browser: nothing is asked of any network, all is seen, tables answer."""

import os
import shutil

import pytest
from report.pages import figures, made, networks, table

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra [browser]")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
WIDTHS = {"screen": 1400, "phone": 390}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(made(figures=figures(), tables={"networks": table(networks())}))
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(params=[(w, s) for w in WIDTHS for s in ("light", "dark")], ids="-".join)
def page(request, browser, address):
    """The page at a width and in a colour scheme; what went wrong is said at the end."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, color_scheme=scheme
    )
    shown = context.new_page()
    complaints, requests = [], []
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("request", lambda asked: requests.append(asked.url))
    shown.goto(address)
    yield shown
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [address]
    context.close()


def column(page, number):
    return [cell.inner_text() for cell in page.locator(f"tbody td:nth-child({number})").all()]


def opened(page):
    box = page.locator("#table-networks")
    box.locator("summary").click()
    return box


def test_every_figure_is_seen_and_nothing_sticks_out(page):
    images = page.locator("img").all()
    assert len(images) == 4
    for image in images:
        assert image.is_visible()
        assert image.evaluate("image => image.complete && image.naturalWidth > 0")
        assert image.bounding_box()["width"] > 300
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_text_stands_out_from_its_ground(page):
    """At least 4.5 to 1, as WCAG 2 asks of text."""
    contrast = """selector => {
        const light = colour => {
            const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255);
            const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            const [r, g, b] = parts.map(linear);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const element = document.querySelector(selector);
        let ground = element;
        while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")
            ground = ground.parentElement;
        const pair = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
        const [dark, bright] = pair.map(light).sort((a, b) => a - b);
        return (bright + 0.05) / (dark + 0.05);
    }"""
    opened(page)
    for selector in (
        *("h1", ".lead", "nav a", ".step p", ".path", "pre code", "pre .k", "pre .nf", "pre .s1"),
        *("figcaption dd", "figcaption dt", "th button", "td", ".note", ".status", ".number"),
    ):
        if page.locator(selector).count():
            assert page.evaluate(contrast, selector) >= 4.5, selector


def test_a_table_is_sorted_by_number_with_what_is_missing_last(page):
    box = opened(page)
    by_risk = box.get_by_role("button", name="excess risk")
    by_risk.click()
    rising = [float(text) for text in column(page, 3)]
    assert rising == sorted(rising)
    assert box.locator("th[aria-sort=ascending]").inner_text().startswith("excess risk")
    by_risk.click()
    falling = [float(text) for text in column(page, 3)]
    assert falling[0] == float("inf")
    assert falling == sorted(falling, reverse=True)
    while box.locator(".more").is_visible():
        box.locator(".more").click()
    assert len(column(page, 3)) == 120
    assert column(page, 3)[-1] == ""


def test_a_table_is_filtered_by_words_and_by_choice(page):
    box = opened(page)
    box.get_by_label("optimizer").select_option("momentum")
    assert set(column(page, 1)) == {"momentum"}
    assert "40 rows (of 120)" in box.locator(".status").inner_text()
    box.get_by_label("hidden size").select_option("3")
    assert set(column(page, 2)) == {"3"}
    box.get_by_label("optimizer").select_option("all")
    box.get_by_label("hidden size").select_option("all")
    box.get_by_label("Find").fill("bold e-05")
    assert set(column(page, 1)) == {"<b>bold</b>"}
    assert all("e-05" in text for text in column(page, 3))
    box.get_by_label("Find").fill("nothing like it")
    assert column(page, 1) == []


def test_the_keyboard_is_enough(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#table-networks summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="hidden size").focus()
    page.keyboard.press("Enter")
    assert set(column(page, 2)) == {"1"}

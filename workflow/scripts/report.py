"""Put all figures and tables on one page."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from pathlib import Path

from autodiff_pipeline.report.page import Figure, Table, page
from autodiff_pipeline.report.source_text import Caption
from autodiff_pipeline.storage.files import whole
from autodiff_pipeline.storage.frames import read_head
from autodiff_pipeline.storage.versions import commit, versions

settings = snakemake.params.settings
figures = {
    path.stem: Figure(
        caption=Caption(**settings["captions"][path.stem]),
        section=settings["sections"][path.stem],
        png=path.read_bytes(),
    )
    for path in map(Path, snakemake.input.figures)
}
tables = {}
for path in map(Path, snakemake.input.tables):
    section, text = settings["tables"][path.stem]
    frame, rows = read_head(path)
    tables[path.stem] = Table(text=text, section=section, frame=frame, rows=rows)
html = page(
    figures=figures,
    tables=tables,
    sources=settings["sources"],
    measurements=settings["measurements"],
    configuration=Path(snakemake.input.configuration).read_text("utf-8"),
    versions=versions(),
    threads=snakemake.threads,
    commit=commit(Path(snakemake.scriptdir).resolve().parents[1]),
)
with whole(snakemake.output[0]) as temporary:
    temporary.write_text(html, "utf-8")

import hashlib

from autodiff_pipeline.report.lesson import definitions
from autodiff_pipeline.report.source_text import definition

TEMPLATES = sorted((PACKAGE / "report/templates").iterdir())


rule report:
    """One self-contained page of all figures and tables, which opens on the answers."""
    input:
        figures=expand("results/figures/{figure}.png", figure=FIGURES),
        tables=expand("results/tables/{table}.csv", table=TABLES),
        configuration="results/config.yaml",
    output:
        report(
            "results/report/index.html",
            caption="../report/page.rst",
            category="The page",
            labels={"figure": "Everything", "format": "HTML"},
        ),
    log:
        "results/logs/report.log",
    localrule: True
    threads: 2  # nothing else is left to do
    params:
        code=[
            *code("report"),
            *[
                hashlib.sha256(path.read_bytes()).hexdigest()[:12]
                for path in TEMPLATES
            ],
        ],
        settings=lambda wildcards: {
            "captions": {
                figure: {
                    **CAPTIONS[module_of(figure)]._asdict(),
                    "title": title_of(figure),
                }
                for figure in FIGURES
            },
            "sections": {figure: FIGURES[figure]["section"] for figure in FIGURES},
            "tables": {
                table: [shown["section"], shown["row"]]
                for table, shown in TABLES.items()
            },
            "sources": {
                place: definition_of(place) for place in definitions(bool(MEASURED))
            },
            "measurements": Path(EXPERIMENT.data.file).name if MEASURED else None,
        },
    message:
        "Put it all on one page"
    script:
        "../scripts/report.py"

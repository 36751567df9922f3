from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"
include: "workflow/rules/configuration.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/derivatives.smk"
include: "workflow/rules/minimization.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/gradients.smk"


if not MEASURED:  # as it is about the data that are drawn

    include: "workflow/rules/benchmark.smk"


include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


if not MEASURED:

    include: "workflow/rules/reference.smk"
    include: "workflow/rules/verification.smk"


rule all:
    default_target: True
    input:
        "results/config.yaml",
        expand("results/tables/{table}.csv", table=TABLES),
        expand("results/figures/{figure}.{kind}", figure=FIGURES, kind=["svg", "png"]),
        "results/report/index.html",


rule tables:
    """Make every table, and no figure."""
    input:
        "results/config.yaml",
        expand("results/tables/{table}.csv", table=TABLES),
    localrule: True

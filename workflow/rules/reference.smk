REFERENCE_TABLES = [
    "derivative_accuracy",
    "derivative_kinks",
    "derivative_optima",
    "minimization",
    "networks",
    "summary",
]


rule reference:
    """Publish the tables and pictures of the default configuration, which README.md shows."""
    input:
        tables=expand("results/tables/{table}.csv", table=REFERENCE_TABLES),
        figures=expand("results/figures/{figure}.png", figure=FIGURES),
    output:
        tables=expand("results/reference/{table}.csv", table=REFERENCE_TABLES),
        figures=expand("results/reference/{figure}.png", figure=FIGURES),
    log:
        "results/logs/reference.log",
    localrule: True
    message:
        "Publish the reference results"
    shell:
        "cp -v {input} results/reference/ > {log} 2>&1"

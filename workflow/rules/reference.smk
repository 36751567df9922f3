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


rule reference_benchmark:
    """Publish the benchmark of this machine as well: needs the extra [bench]."""
    input:
        "results/benchmark/training.csv",
        "results/figures/benchmark.png",
    output:
        "results/reference/benchmark.csv",
        "results/reference/benchmark.png",
    log:
        "results/logs/reference_benchmark.log",
    localrule: True
    shell:
        "cp -v {input[0]} {output[0]} > {log} 2>&1 && cp -v {input[1]} {output[1]} >> {log} 2>&1"

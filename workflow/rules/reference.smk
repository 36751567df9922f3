REFERENCE = {  # by name in results/reference/, the file of which it is a copy
    **{
        f"{table}.csv": f"results/tables/{table}.csv"
        for table in [
            "checker_power",
            "derivative_accuracy",
            "derivative_findings",
            "derivative_kinks",
            "derivative_optima",
            "gradient_agreement",
            "gradient_kinks",
            "error_decomposition",
            "minimization",
            "networks",
            "summary",
            "trajectories",
            "variance",
        ]
    },
    **{f"{figure}.png": f"results/figures/{figure}.png" for figure in EVERY_FIGURE},
    "benchmark.csv": "results/benchmark/training.csv",
    "benchmark_truth.csv": "results/benchmark/truth.csv",
}
SLOW_REFERENCE = {  # hours
    f"{table}.csv": f"results/tables/{table}.csv"
    for table in ["derivative_exhaustive", "stable_rules"]
}


rule published:
    """Copy one table or picture to the folder of committed results."""
    input:
        lambda wildcards: {**REFERENCE, **SLOW_REFERENCE}[wildcards.name],
    output:
        "results/reference/{name}",
    log:
        "results/logs/reference/{name}.log",
    wildcard_constraints:
        name="|".join([*REFERENCE, *SLOW_REFERENCE]),
    localrule: True
    message:
        "Publish {wildcards.name}"
    shell:
        "cp -v {input:q} {output:q} > {log:q} 2>&1"


rule reference:
    """Publish tables and pictures, which README.md shows, of the default configuration.

    With the overlay workflow/reference.yaml, derivatives are those of all systems.
    """
    input:
        expand("results/reference/{name}", name=REFERENCE),
    localrule: True

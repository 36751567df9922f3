from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"
include: "workflow/rules/configuration.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/derivatives.smk"
include: "workflow/rules/minimization.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/reference.smk"
include: "workflow/rules/benchmark.smk"


rule all:
    default_target: True
    input:
        "results/config.yaml",
        expand(
            "results/tables/{table}.csv",
            table=[
                *[f"derivative_{table}" for table in DERIVATIVE_TABLES],
                "minimization",
                "networks",
                "convergence",
                "fits",
                "summary",
                "variance",
                "comparisons",
                "baselines",
                *["error_decomposition"]
                * (EXPERIMENT["training"]["activation"] == "relu"),
                *["sharpness"] * ("gradient_descent" in OPTIMIZERS),
            ],
        ),
        expand("results/figures/{figure}.{kind}", figure=FIGURES, kind=["svg", "png"]),

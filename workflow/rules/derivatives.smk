from autodiff_pipeline.derivatives.parts import parts

FUNCTIONS = EXPERIMENT["derivatives"]["functions"]
FUNCTIONS_PER_JOB = 8  # a process takes two seconds to start, a function about one
SHOWN = (
    "tanh" if "tanh" in FUNCTIONS else next(iter(FUNCTIONS))
)  # in the figures of one function
EXHAUSTIVE = (
    FUNCTIONS
    if EXPERIMENT["derivatives"]["exhaustive"]
    and "float32" in EXPERIMENT["derivatives"]["dtypes"]
    else {}
)  # the functions of which every float32 is taken
DERIVATIVE_TABLES = ["accuracy", "kinks", "step_sizes", "optima"]

for number, names in enumerate(batches(list(FUNCTIONS), FUNCTIONS_PER_JOB)):

    rule:
        name:
            f"derivatives_{number}"
        output:
            **{
                table: expand(
                    f"results/derivatives/{table}/{{function}}.csv", function=names
                )
                for table in ["curves", *DERIVATIVE_TABLES]
            },
            points=expand("results/derivatives/{function}.csv", function=names),
        log:
            f"results/logs/derivatives/{number}.log",
        params:
            *code("derivatives"),
            settings={
                "root_seed": EXPERIMENT["root_seed"],
                "functions": [[name, FUNCTIONS[name]] for name in names],
                "sampled_dtypes": [
                    dtype
                    for dtype in EXPERIMENT["derivatives"]["dtypes"]
                    if dtype != "float32" or not EXHAUSTIVE
                ],
                **{
                    key: EXPERIMENT["derivatives"][key]
                    for key in ("dtypes", "orders", "points", "samples")
                },
            },
        message:
            f"Hold the derivatives of {', '.join(names)} against certified truth"
        script:
            "../scripts/derivatives.py"


rule derivatives_exhaustive_part:
    """Hold a range of consecutive float32 of one function against certified truth."""
    output:
        "results/derivatives/exhaustive/{function}/{part}.json",
    log:
        "results/logs/derivatives/exhaustive/{function}/{part}.log",
    params:
        *code("derivatives_exhaustive_part"),
        settings=lambda wildcards: {
            "name": wildcards.function,
            "expression": FUNCTIONS[wildcards.function]["expression"],
            "operator": FUNCTIONS[wildcards.function]["operator"],
            "orders": EXPERIMENT["derivatives"]["orders"],
            "ranks": parts(FUNCTIONS[wildcards.function]["interval"])[
                int(wildcards.part)
            ],
        },
    message:
        "Take every float32 of {wildcards.function}, part {wildcards.part}"
    script:
        "../scripts/derivatives_exhaustive_part.py"


rule derivatives_exhaustive:
    """The accuracy of one function over every float32 of its interval."""
    input:
        parts=lambda wildcards: expand(
            "results/derivatives/exhaustive/{function}/{part}.json",
            function=wildcards.function,
            part=range(len(parts(FUNCTIONS[wildcards.function]["interval"]))),
        ),
    output:
        "results/derivatives/exhaustive/{function}.csv",
    log:
        "results/logs/derivatives/exhaustive/{function}.log",
    params:
        *code("derivatives_exhaustive"),
        settings=lambda wildcards: {
            "name": wildcards.function,
            "expression": FUNCTIONS[wildcards.function]["expression"],
            "operator": FUNCTIONS[wildcards.function]["operator"],
            "orders": EXPERIMENT["derivatives"]["orders"],
        },
    message:
        "Join every float32 of {wildcards.function}"
    script:
        "../scripts/derivatives_exhaustive.py"


def of_functions(table):
    """What there is of a table for every function, one file each."""
    kinds = [table, "exhaustive"] if table == "accuracy" and EXHAUSTIVE else [table]
    return expand(
        "results/derivatives/{kind}/{function}.csv", kind=kinds, function=FUNCTIONS
    )

FUNCTIONS = EXPERIMENT["derivatives"]["functions"]
FUNCTIONS_PER_JOB = 8  # a process takes two seconds to start, a function about one
SHOWN = (
    "tanh" if "tanh" in FUNCTIONS else next(iter(FUNCTIONS))
)  # in the figures of one function
DERIVATIVE_TABLES = ["accuracy", "kinks", "step_sizes", "optima"]

for number, names in enumerate(batches(list(FUNCTIONS), FUNCTIONS_PER_JOB)):

    rule:
        name:
            f"derivatives_{number}"
        input:
            code=code("derivatives"),
        output:
            expand("results/derivatives/{function}.csv", function=names),
            expand(
                "results/derivatives/{table}/{function}.csv",
                table=["curves", *DERIVATIVE_TABLES],
                function=names,
            ),
        log:
            f"results/logs/derivatives/{number}.log",
        params:
            settings={
                "root_seed": EXPERIMENT["root_seed"],
                "functions": [[name, FUNCTIONS[name]] for name in names],
                "sampled_dtypes": EXPERIMENT["derivatives"]["dtypes"],
                **{
                    key: EXPERIMENT["derivatives"][key]
                    for key in ("dtypes", "orders", "points", "samples")
                },
            },
        message:
            f"Hold the derivatives of {', '.join(names)} against certified truth"
        script:
            "../scripts/derivatives.py"


rule table_derivatives:
    """One table of the derivatives stage over all functions."""
    input:
        frames=expand(
            "results/derivatives/{{table}}/{function}.csv", function=FUNCTIONS
        ),
        code=code("table_derivatives"),
    output:
        "results/tables/derivative_{table}.csv",
    log:
        "results/logs/tables/derivative_{table}.log",
    wildcard_constraints:
        table="|".join(DERIVATIVE_TABLES),
    message:
        "Tabulate the derivatives: {wildcards.table}"
    script:
        "../scripts/table_derivatives.py"

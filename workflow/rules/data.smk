rule data:
    """Draw every data set: noisy samples of the true model."""
    output:
        expand("results/data/{data_seed}.csv", data_seed=DATA_SEEDS),
    log:
        "results/logs/data.log",
    localrule: True
    params:
        *code("data"),
        settings={**plain(EXPERIMENT.data), "root_seed": EXPERIMENT.root_seed},
    message:
        "Draw the data sets"
    script:
        "../scripts/data.py"

rule minimization:
    """Minimize one problem with the automatic gradient and with the one by hand."""
    input:
        data="results/data/0.csv",
    output:
        "results/minimization/trace.csv",
    log:
        "results/logs/minimization.log",
    localrule: True
    params:
        *code("minimization"),
        settings={
            **plain(EXPERIMENT.minimization),
            "root_seed": EXPERIMENT.root_seed,
            **plain(EXPERIMENT.data, "input_scale"),
        },
    message:
        "Minimize with the automatic gradient and with the one by hand"
    script:
        "../scripts/minimization.py"

rule minimization:
    """Minimize a quadratic and a network, each with the automatic gradient and the one by hand."""
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
            "input_scale": INPUT_SCALE,
        },
    message:
        "Minimize with the automatic gradient and with the one by hand"
    script:
        "../scripts/minimization.py"

rule minimization:
    """Minimize a quadratic and a network, each with the automatic gradient and those by hand."""
    input:
        data="results/data/0.csv",
    output:
        trace="results/minimization/trace.csv",
        growth="results/minimization/growth.csv",
        crossings="results/minimization/crossings.csv",
    log:
        "results/logs/minimization.log",
    priority: 1  # a long job too
    localrule: True
    params:
        *code("minimization"),
        settings={
            **plain(EXPERIMENT.minimization),
            "root_seed": EXPERIMENT.root_seed,
            "input_scale": INPUT_SCALE,
        },
    message:
        "Minimize with the automatic gradient and with those by hand"
    script:
        "../scripts/minimization.py"

HAVE_KINKS = EXPERIMENT.training.activation == "relu"


rule gradients:
    """Compare all ways to the gradient of a network, and look for the kinks of every network."""
    input:
        **of_each_group("parameters.npz", "networks.csv")["inputs"],
        data=DATA_SETS,
    output:
        **(
            {
                "kinks": "results/gradients/kinks.csv",
                "kink_profiles": "results/gradients/kink_profiles.csv",
            }
            if HAVE_KINKS
            else {}
        ),
        agreement="results/gradients/agreement.csv",
    log:
        "results/logs/gradients.log",
    priority: 1  # a long job too
    params:
        *code("gradients", *ACTIVATION_CODE),
        settings={
            "root_seed": EXPERIMENT.root_seed,
            "groups": [[size, optimizer] for optimizer, size in GROUPS],
            "agreement": {
                **plain(EXPERIMENT, "root_seed"),
                **plain(EXPERIMENT.training, "activation"),
                "samples": 20,
            },
            "kinks": HAVE_KINKS,
        },
    message:
        "Compare the gradients of networks, and find their kinks"
    script:
        "../scripts/gradients.py"


rule gradients_power:
    """Ask checkers of gradients about right gradients and wrong ones; only when asked for."""
    output:
        "results/gradients/verdicts.csv",
    log:
        "results/logs/gradients_power.log",
    params:
        *code("gradients_power"),
        settings={
            **plain(EXPERIMENT, "root_seed"),
            "deltas": [float(f"1e-{digits}") for digits in range(1, 14)],
            "trials": 16,
        },
    message:
        "Ask checkers of gradients about right gradients and wrong ones"
    script:
        "../scripts/gradients_power.py"


rule checker_power:
    """Make the table and the figure of the power of checkers, which takes minutes."""
    input:
        "results/tables/checker_power.csv",
        expand("results/figures/checker_power.{kind}", kind=["svg", "png"]),
    localrule: True

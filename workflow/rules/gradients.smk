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

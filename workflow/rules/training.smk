wildcard_constraints:
    optimizer="[a-z][a-z0-9_]*",
    hidden_size="[1-9][0-9]*",


rule training:
    """Train the networks of one hidden size with one optimizer, over all seeds at once."""
    input:
        data=rules.data.output,
        code=code("training"),
    output:
        parameters="results/training/{optimizer}/hidden_{hidden_size}/parameters.npz",
        networks="results/training/{optimizer}/hidden_{hidden_size}/networks.csv",
        history="results/training/{optimizer}/hidden_{hidden_size}/history.csv",
    log:
        "results/logs/training/{optimizer}/hidden_{hidden_size}.log",
    params:
        settings=lambda wildcards: {
            "root_seed": EXPERIMENT["root_seed"],
            "data_seeds": EXPERIMENT["data"]["seeds"],
            "init_seeds": EXPERIMENT["training"]["seeds"],
            **{
                name: EXPERIMENT["training"][name]
                for name in ("epochs", "activation", "engine", "gradient", "device")
            },
            "optimizer": OPTIMIZERS[wildcards.optimizer],
            "sharpness": wildcards.optimizer == "gradient_descent",
        },
    message:
        "Train networks with {wildcards.hidden_size} hidden units by {wildcards.optimizer}"
    script:
        "../scripts/training.py"


rule minimization:
    """Minimize one problem with the automatic and with the exact derivative."""
    input:
        data="results/data/0.csv",
        code=code("minimization"),
    output:
        "results/training/minimization.csv",
    log:
        "results/logs/minimization.log",
    localrule: True
    params:
        settings={
            **EXPERIMENT["minimization"],
            "root_seed": EXPERIMENT["root_seed"],
            "input_scale": EXPERIMENT["data"]["input_scale"],
        },
    message:
        "Minimize with the automatic and with the exact derivative"
    script:
        "../scripts/minimization.py"

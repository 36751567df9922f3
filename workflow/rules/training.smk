from autodiff_pipeline.training.blocks import blocks

GROUP = "results/training/{optimizer}/hidden_{hidden_size}"
TRAINED = {
    "parameters": f"{GROUP}/parameters.npz",
    "networks": f"{GROUP}/networks.csv",
    "history": f"{GROUP}/history.csv",
}
BLOCKS = blocks(
    EXPERIMENT["data"]["seeds"],
    EXPERIMENT["training"]["seeds"],
    EXPERIMENT["training"]["seeds_per_job"],
)


wildcard_constraints:
    optimizer="[a-z][a-z0-9_]*",
    hidden_size="[1-9][0-9]*",
    block="[0-9]+",


def block_of(wildcards):
    """The seeds of a training job: those of its block, or all."""
    return BLOCKS[int(wildcards.get("block", 0))]


rule training:
    """Train the networks of one hidden size with one optimizer, over all seeds at once."""
    input:
        data=lambda wildcards: [
            f"results/data/{seed}.csv"
            for seed in range(*block_of(wildcards).data_seeds)
        ],
    output:
        **TRAINED,
    log:
        "results/logs/training/{optimizer}/hidden_{hidden_size}.log",
    params:
        *code("training", *ACTIVATION_CODE),
        settings=lambda wildcards: {
            "root_seed": EXPERIMENT["root_seed"],
            **{
                seeds: list(limits)
                for seeds, limits in block_of(wildcards)._asdict().items()
            },
            **{
                name: EXPERIMENT["training"][name]
                for name in (
                    "epochs",
                    "activation",
                    "engine",
                    "gradient",
                    "device",
                    "checkpoint_every",
                )
            },
            "optimizer": OPTIMIZERS[wildcards.optimizer],
            "sharpness": wildcards.optimizer == "gradient_descent",
        },
    message:
        "Train networks with {wildcards.hidden_size} hidden units by {wildcards.optimizer}"
    script:
        "../scripts/training.py"


if len(BLOCKS) > 1:

    use rule training as training_block with:
        output:
            # One folder: with one file each, a plan of thousands of jobs takes twice as long.
            folder=temp(directory(f"{GROUP}/blocks/{{block}}")),
        log:
            "results/logs/training/{optimizer}/hidden_{hidden_size}/{block}.log",
        message:
            "Train networks with {wildcards.hidden_size} hidden units by {wildcards.optimizer}, block {wildcards.block}"

    rule training_join:
        """Join the blocks of one hidden size and optimizer, in the order of their seeds."""
        input:
            blocks=expand(
                f"{GROUP}/blocks/{{block}}",
                block=range(len(BLOCKS)),
                allow_missing=True,
            ),
        output:
            **TRAINED,
        log:
            "results/logs/training/{optimizer}/hidden_{hidden_size}/join.log",
        params:
            *code("training_join"),
        message:
            "Join the blocks of {wildcards.hidden_size} hidden units by {wildcards.optimizer}"
        script:
            "../scripts/training_join.py"

    ruleorder: training_join > training

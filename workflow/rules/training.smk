from autodiff_pipeline.costs.training import networks_per_job, trained_together
from autodiff_pipeline.training.blocks import Block, blocks

GROUP = "results/training/{optimizer}/hidden_{hidden_size}"
TRAINED = {
    "parameters": f"{GROUP}/parameters.npz",
    "networks": f"{GROUP}/networks.csv",
    "history": f"{GROUP}/history.csv",
}
SEEDS = EXPERIMENT.data.seeds, EXPERIMENT.training.seeds
CUT = {  # the groups that are trained in several jobs, and their blocks
    (optimizer, hidden_size): cut
    for optimizer, hidden_size in GROUPS
    if len(
        cut := blocks(
            *SEEDS, networks_per_job(EXPERIMENT, optimizer, hidden_size, ROWS)
        ),
    )
    > 1
}
TOGETHER = trained_together(EXPERIMENT, ROWS)  # hidden sizes


wildcard_constraints:
    optimizer="[a-z][a-z0-9_]*",
    hidden_size="[1-9][0-9]*",
    block="[0-9]+",


rule training:
    """Train the networks of one hidden size with one optimizer, for all seeds at once."""
    input:
        data=lambda wildcards: [
            f"results/data/{seed}.csv"
            for seed in range(*block_of(wildcards).data_seeds)
        ],
    output:
        **TRAINED,
    log:
        "results/logs/training/{optimizer}/hidden_{hidden_size}.log",
    priority: 1  # long jobs come before short ones, those of derivatives first
    params:
        *code("training", *ACTIVATION_CODE),
        settings=lambda wildcards: {
            "root_seed": EXPERIMENT.root_seed,
            "hidden_sizes": sizes_of(wildcards),
            **{
                seeds: list(limits)
                for seeds, limits in block_of(wildcards)._asdict().items()
            },
            **plain(
                EXPERIMENT.training,
                "epochs",
                "activation",
                "engine",
                "gradient",
                "device",
                "checkpoint_every",
            ),
            "optimizer": plain(OPTIMIZERS[wildcards.optimizer]),
            "sharpness": wildcards.optimizer == SHARPNESS_OF,
        },
    message:
        "Train networks of hidden size {wildcards.hidden_size} by {wildcards.optimizer}"
    script:
        "../scripts/training.py"


if TOGETHER:

    use rule training as training_together with:
        output:
            **{
                file: expand(path, hidden_size=TOGETHER, allow_missing=True)
                for file, path in TRAINED.items()
            },
        log:
            "results/logs/training/{optimizer}/together.log",
        message:
            f"Train networks of {', '.join(map(str, TOGETHER))} hidden units by {{wildcards.optimizer}}"

    ruleorder: training_together > training


if CUT:

    use rule training as training_block with:
        output:
            # A folder, because with separate files planning thousands of jobs takes twice as long.
            folder=temp(directory(f"{GROUP}/blocks/{{block}}")),
        log:
            "results/logs/training/{optimizer}/hidden_{hidden_size}/{block}.log",
        message:
            "Train networks of hidden size {wildcards.hidden_size} by {wildcards.optimizer}, block {wildcards.block}"

    rule training_join:
        """Join the blocks of a hidden size and optimizer, in the order of their seeds."""
        input:
            blocks=lambda wildcards: [
                f"{GROUP}/blocks/{block}".format(**wildcards)
                for block in range(
                    len(CUT[wildcards.optimizer, int(wildcards.hidden_size)])
                )
            ],
        output:
            **TRAINED,
        log:
            "results/logs/training/{optimizer}/hidden_{hidden_size}/join.log",
        wildcard_constraints:
            # the hidden sizes that are cut, each behind an optimizer with which it is
            hidden_size="|".join(rf"(?<={o}/hidden_){h}(?!\d)" for o, h in CUT),
        params:
            *code("training_join"),
        message:
            "Join the blocks of hidden size {wildcards.hidden_size} by {wildcards.optimizer}"
        script:
            "../scripts/training_join.py"

    ruleorder: training_join > training

DATA_SETS = expand("results/data/{data_seed}.csv", data_seed=DATA_SEEDS)

# What is known of the data: of drawn data the truth; of measurements only how they lie.
if MEASURED:
    HELD_OUT = expand("results/data/held_out/{data_seed}.csv", data_seed=DATA_SEEDS)
    TRUTH = {}
    NOISE = {"noise_scale": None}
    INPUT_SCALE = steady_scale(MEASURED)
    UNITS = {
        axis: dict(zip(("name", "mean", "standard_deviation"), column))
        for axis, column in zip("xy", MEASURED.columns)
    }
    # Curves are compared where there are data.
    IN_X = MEASURED.columns[0]
    INTERVAL = [
        (end - IN_X.mean) / IN_X.standard_deviation
        for end in (IN_X.smallest, IN_X.largest)
    ]
else:
    TRUTH = plain(EXPERIMENT.data, "true_model", "input_scale")
    NOISE = plain(EXPERIMENT.data, "noise_scale")
    INPUT_SCALE = EXPERIMENT.data.input_scale
    UNITS = {
        axis: {"name": axis, "mean": 0.0, "standard_deviation": 1.0} for axis in "xy"
    }
    INTERVAL = [-3 * INPUT_SCALE, 3 * INPUT_SCALE]  # where 99.7 % of the data lie


if MEASURED:

    rule data:
        """Split the measurements into a part to train on and a part held out, for every data seed."""
        input:
            file=EXPERIMENT.data.file,
        output:
            training=expand("results/data/{data_seed}.csv", data_seed=DATA_SEEDS),
            held_out=expand(
                "results/data/held_out/{data_seed}.csv", data_seed=DATA_SEEDS
            ),
        log:
            "results/logs/data.log",
        localrule: True
        params:
            *code("data_split"),
            settings={**plain(EXPERIMENT.data), "root_seed": EXPERIMENT.root_seed},
        message:
            "Split the measurements"
        script:
            "../scripts/data_split.py"

else:

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

GROUP_SETTINGS = {
    "groups": [list(group) for group in GROUPS],
    "networks": EXPERIMENT["data"]["seeds"] * EXPERIMENT["training"]["seeds"],
}  # networks of each group
CURVES = {
    **GROUP_SETTINGS,
    "activation": EXPERIMENT["training"]["activation"],
    "true_model": EXPERIMENT["data"]["true_model"],
    "input_scale": EXPERIMENT["data"]["input_scale"],
}


rule table_networks:
    """One row a network: how it ended, and how far it is from the truth."""
    input:
        parameters=of_groups("parameters.npz"),
        networks=of_groups("networks.csv"),
    output:
        "results/tables/networks.csv",
    log:
        "results/logs/tables/networks.log",
    localrule: True
    params:
        *code("table_networks", *ACTIVATION_CODE),
        settings=CURVES,
    message:
        "Tabulate every network"
    script:
        "../scripts/table_networks.py"


rule table_fits:
    """Median fit and 90 % band of every hidden size and optimizer."""
    input:
        parameters=of_groups("parameters.npz"),
        networks=of_groups("networks.csv"),
    output:
        "results/tables/fits.csv",
    log:
        "results/logs/tables/fits.log",
    localrule: True
    params:
        *code("table_fits", *ACTIVATION_CODE),
        settings=CURVES,
    message:
        "Tabulate the fitted curves"
    script:
        "../scripts/table_fits.py"


rule table_convergence:
    """Median and quartiles of the loss by epoch."""
    input:
        history=of_groups("history.csv"),
    output:
        "results/tables/convergence.csv",
    log:
        "results/logs/tables/convergence.log",
    localrule: True
    params:
        *code("table_convergence"),
        settings=GROUP_SETTINGS,
    message:
        "Tabulate the convergence"
    script:
        "../scripts/table_convergence.py"


rule table_sharpness:
    """Quantiles of the sharpness by epoch, of plain gradient descent."""
    input:
        **{
            name: expand(
                f"results/training/gradient_descent/hidden_{{hidden_size}}/{name}.csv",
                hidden_size=HIDDEN_SIZES,
            )
            for name in ("history", "networks")
        },
    output:
        "results/tables/sharpness.csv",
    log:
        "results/logs/tables/sharpness.log",
    localrule: True
    params:
        *code("table_sharpness"),
        settings={
            **GROUP_SETTINGS,
            "groups": [["gradient_descent", size] for size in HIDDEN_SIZES],
        },
    message:
        "Tabulate the sharpness"
    script:
        "../scripts/table_sharpness.py"


rule table_summary:
    """One row for each hidden size and optimizer."""
    input:
        networks="results/tables/networks.csv",
    output:
        "results/tables/summary.csv",
    log:
        "results/logs/tables/summary.log",
    localrule: True
    params:
        *code("table_summary"),
        settings=GROUP_SETTINGS,
    message:
        "Summarize the excess risk"
    script:
        "../scripts/table_summary.py"


rule table_minimization:
    """Losses with the automatic gradient and with the one by hand, side by side."""
    input:
        trace="results/minimization/trace.csv",
    output:
        "results/tables/minimization.csv",
    log:
        "results/logs/tables/minimization.log",
    localrule: True
    params:
        *code("table_minimization"),
    message:
        "Tabulate the minimization"
    script:
        "../scripts/table_minimization.py"


rule table_variance:
    """Which share of the variance comes from the data, and which from initialization."""
    input:
        networks="results/tables/networks.csv",
    output:
        "results/tables/variance.csv",
    log:
        "results/logs/tables/variance.log",
    localrule: True
    params:
        *code("table_variance"),
        settings={**GROUP_SETTINGS, "root_seed": EXPERIMENT["root_seed"]},
    message:
        "Tabulate the variance by source"
    script:
        "../scripts/table_variance.py"


rule table_comparisons:
    """How likely one hidden size and optimizer beats another."""
    input:
        networks="results/tables/networks.csv",
    output:
        "results/tables/comparisons.csv",
    log:
        "results/logs/tables/comparisons.log",
    localrule: True
    params:
        *code("table_comparisons"),
    message:
        "Compare every hidden size and optimizer with every other"
    script:
        "../scripts/table_comparisons.py"


rule table_baselines:
    """The closed-form fits of the data, and the noise floor."""
    input:
        data=expand("results/data/{data_seed}.csv", data_seed=DATA_SEEDS),
    output:
        "results/tables/baselines.csv",
    log:
        "results/logs/tables/baselines.log",
    localrule: True
    params:
        *code("table_baselines"),
        settings={
            name: EXPERIMENT["data"][name]
            for name in ("true_model", "input_scale", "noise_scale")
        },
    message:
        "Tabulate the closed-form fits"
    script:
        "../scripts/table_baselines.py"


rule table_best_networks:
    """The best ReLU networks that Levenberg-Marquardt finds: of every data set, and of the truth."""
    input:
        data=expand("results/data/{data_seed}.csv", data_seed=DATA_SEEDS),
    output:
        "results/tables/best_networks.csv",
    log:
        "results/logs/tables/best_networks.log",
    params:
        *code("table_best_networks"),
        settings={
            "root_seed": EXPERIMENT["root_seed"],
            "hidden_sizes": HIDDEN_SIZES,
            **{
                name: EXPERIMENT["data"][name]
                for name in ("true_model", "input_scale")
            },
        },
    message:
        "Search the best networks"
    script:
        "../scripts/table_best_networks.py"


rule table_error_decomposition:
    """Approximation, estimation and optimization of every hidden size and optimizer."""
    input:
        networks="results/tables/networks.csv",
        best="results/tables/best_networks.csv",
    output:
        "results/tables/error_decomposition.csv",
    log:
        "results/logs/tables/error_decomposition.log",
    localrule: True
    params:
        *code("table_error_decomposition"),
        settings=GROUP_SETTINGS,
    message:
        "Tabulate the error decomposition"
    script:
        "../scripts/table_error_decomposition.py"

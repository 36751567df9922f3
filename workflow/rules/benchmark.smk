BENCHMARK = {  # what is fixed while the number of networks, or of samples, varies
    "samples": EXPERIMENT.data.samples,
    "few_networks": 20,
}
BY_NETWORKS = [
    {"networks": networks, "samples": BENCHMARK["samples"]}
    for networks in (1, 5, 20, 100, 500, 2000)
]
BY_SAMPLES = [
    {"networks": BENCHMARK["few_networks"], "samples": samples}
    for samples in (10**4, 10**5, 10**6, 10**7)
]


rule training_benchmark:
    """Time our engines, JAX, torch and scikit-learn; needs the extra [bench]."""
    output:
        "results/benchmark/training.csv",
    log:
        "results/logs/benchmark.log",
    params:
        *code("benchmark"),
        settings={
            "root_seed": EXPERIMENT.root_seed,
            "data": plain(
                EXPERIMENT.data, "true_model", "samples", "input_scale", "noise_scale"
            ),
            "hidden_size": 10,
            "learning_rate": 1e-3,
            "repeats": 5,
            "series": [
                ("relu", BY_NETWORKS),
                ("relu", BY_SAMPLES),
                ("tanh", BY_NETWORKS[:-1]),
            ],
        },
    message:
        "Time our engines and their peers"
    script:
        "../scripts/benchmark.py"


rule truth_benchmark:
    """Time certified truth, mpmath and SymPy; needs the extra [bench]."""
    output:
        "results/benchmark/truth.csv",
    log:
        "results/logs/benchmark_truth.log",
    params:
        *code("benchmark_truth"),
        settings={
            "intervals": {"tanh": [-5, 5], "gelu": [-5, 5], "lgamma": [0.1, 5]},
            "orders": [1, 2],
            "dtypes": ["float32", "float64"],
            "points": 100_000,
            "repeats": 5,
        },
    message:
        "Time truth by pieces, truth at points and their peers"
    script:
        "../scripts/benchmark_truth.py"


rule benchmark:
    """Make the tables and the figures of the benchmark."""
    input:
        rules.training_benchmark.output,
        rules.truth_benchmark.output,
        expand(
            "results/figures/{figure}.{kind}",
            figure=["benchmark", "benchmark_truth"],
            kind=["svg", "png"],
        ),
    localrule: True

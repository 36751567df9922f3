BENCHMARK = {  # by number of networks, and by number of samples
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
    """Time our engines beside JAX, torch and scikit-learn: needs the extra [bench]."""
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
        "Time engines and peers side by side"
    script:
        "../scripts/benchmark.py"


use rule figure as benchmark_figure with:
    input:
        benchmark=rules.training_benchmark.output[0],
    wildcard_constraints:
        figure="benchmark",
    params:
        code=code("figures", "autodiff_pipeline.figures.benchmark"),
        settings=BENCHMARK,
        frames=["benchmark"],


rule benchmark:
    """Table and figure of the benchmark."""
    input:
        rules.training_benchmark.output,
        expand("results/figures/benchmark.{kind}", kind=["svg", "png"]),
    localrule: True

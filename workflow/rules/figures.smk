# Every figure: the frames its draw() takes, by the name of the argument, and its settings.
FIGURES = {
    "tanh_derivative": {
        "frames": {"points": f"results/derivatives/{SHOWN}.csv"},
        "settings": {"expression": FUNCTIONS[SHOWN]["expression"]},
    },
    "derivative_atlas": {
        "frames": {"accuracy": "results/tables/derivative_accuracy.csv"},
        "settings": {},
    },
    "derivative_ulp": {
        "frames": {
            "curves": f"results/derivatives/curves/{SHOWN}.csv",
            "points": f"results/derivatives/{SHOWN}.csv",
        },
        "settings": {"expression": FUNCTIONS[SHOWN]["expression"]},
    },
    "derivative_step_sizes": {
        "frames": {
            "step_sizes": f"results/derivatives/step_sizes/{SHOWN}.csv",
            "optima": f"results/derivatives/optima/{SHOWN}.csv",
        },
        "settings": {"expression": FUNCTIONS[SHOWN]["expression"]},
    },
    "data": {
        "frames": {"samples": "results/data/0.csv"},
        "settings": {
            name: EXPERIMENT["data"][name] for name in ("true_model", "noise_scale")
        },
    },
    "minimization": {
        "frames": {
            "minimization": "results/tables/minimization.csv",
            "trace": "results/minimization/trace.csv",
        },
        "settings": {"noise_scale": EXPERIMENT["data"]["noise_scale"]},
    },
    "convergence": {
        "frames": {"convergence": "results/tables/convergence.csv"},
        "settings": {"noise_scale": EXPERIMENT["data"]["noise_scale"]},
    },
    "fits": {
        "frames": {
            "fits": "results/tables/fits.csv",
            "samples": "results/data/0.csv",
        },
        "settings": {},
    },
    "excess_risk": {
        "frames": {"networks": "results/tables/networks.csv"},
        "settings": {"noise_scale": EXPERIMENT["data"]["noise_scale"]},
    },
    "seeds": {
        "frames": {"networks": "results/tables/networks.csv"},
        "settings": {},
    },
    "comparisons": {
        "frames": {"comparisons": "results/tables/comparisons.csv"},
        "settings": {},
    },
}
if "gradient_descent" in OPTIMIZERS:  # whose stability the sharpness decides
    FIGURES["sharpness"] = {
        "frames": {"sharpness": "results/tables/sharpness.csv"},
        "settings": {"learning_rate": OPTIMIZERS["gradient_descent"]["learning_rate"]},
    }
if EXPERIMENT["training"]["activation"] == "relu":  # which Levenberg-Marquardt serves
    FIGURES["error_decomposition"] = {
        "frames": {
            "error_decomposition": "results/tables/error_decomposition.csv",
            "baselines": "results/tables/baselines.csv",
        },
        "settings": {},
    }


rule figure:
    """Draw one figure: frames in, a picture out."""
    input:
        unpack(lambda wildcards: FIGURES[wildcards.figure]["frames"]),
    output:
        svg="results/figures/{figure}.svg",
        png="results/figures/{figure}.png",
    log:
        "results/logs/figures/{figure}.log",
    wildcard_constraints:
        figure="|".join(FIGURES),
    localrule: True
    params:
        code=lambda wildcards: code(
            "figure", f"autodiff_pipeline.figures.{wildcards.figure}"
        ),
        settings=lambda wildcards: FIGURES[wildcards.figure]["settings"],
        frames=lambda wildcards: sorted(FIGURES[wildcards.figure]["frames"]),
    message:
        "Draw the figure {wildcards.figure}"
    script:
        "../scripts/figure.py"

from autodiff_pipeline.report.sections import SECTIONS
from autodiff_pipeline.report.source_text import caption

# Every figure: its section, the frames its draw() takes, by the name of the argument, and its
# settings. What is said of it stands at the top of its module.
FIGURES = {
    "tanh_derivative": {
        "section": "lesson",
        "frames": {"points": f"results/derivatives/{SHOWN}.csv"},
        "settings": {"expression": FUNCTIONS[SHOWN].expression},
    },
    "derivative_atlas": {
        "section": "derivatives",
        "frames": {"accuracy": "results/tables/derivative_accuracy.csv"},
        "settings": {},
    },
    "derivative_ulp": {
        "section": "derivatives",
        "frames": {
            "curves": f"results/derivatives/curves/{SHOWN}.csv",
            "points": f"results/derivatives/{SHOWN}.csv",
        },
        "settings": {"expression": FUNCTIONS[SHOWN].expression},
    },
    "derivative_step_sizes": {
        "section": "derivatives",
        "frames": {
            "step_sizes": f"results/derivatives/step_sizes/{SHOWN}.csv",
            "optima": f"results/derivatives/optima/{SHOWN}.csv",
        },
        "settings": {"expression": FUNCTIONS[SHOWN].expression},
    },
    "data": {
        "section": "lesson",
        "frames": {"samples": "results/data/0.csv"},
        "settings": plain(EXPERIMENT.data, "true_model", "noise_scale"),
    },
    "minimization": {
        "section": "lesson",
        "frames": {
            "minimization": "results/tables/minimization.csv",
            "trace": "results/minimization/trace.csv",
        },
        "settings": plain(EXPERIMENT.data, "noise_scale"),
    },
    "lesson": {
        "section": "lesson",
        "frames": {
            "trace": "results/minimization/trace.csv",
            "samples": "results/data/0.csv",
        },
        "settings": plain(EXPERIMENT.data, "true_model", "noise_scale"),
    },
    "gradient_agreement": {
        "section": "gradients",
        "frames": {"gradient_agreement": "results/tables/gradient_agreement.csv"},
        "settings": {},
    },
    "convergence": {
        "section": "training",
        "frames": {"convergence": "results/tables/convergence.csv"},
        "settings": plain(EXPERIMENT.data, "noise_scale"),
    },
    "fits": {
        "section": "training",
        "frames": {
            "fits": "results/tables/fits.csv",
            "samples": "results/data/0.csv",
        },
        "settings": {},
    },
    "excess_risk": {
        "section": "statistics",
        "frames": {
            "networks": "results/tables/networks.csv",
            "baselines": "results/tables/baselines.csv",
        },
        "settings": plain(EXPERIMENT.data, "noise_scale"),
    },
    "seeds": {
        "section": "statistics",
        "frames": {"networks": "results/tables/networks.csv"},
        "settings": {},
    },
    "comparisons": {
        "section": "statistics",
        "frames": {"comparisons": "results/tables/comparisons.csv"},
        "settings": {},
    },
}
if "sharpness" in TABLES:
    FIGURES["sharpness"] = {
        "section": "training",
        "frames": {"sharpness": "results/tables/sharpness.csv"},
        "settings": plain(OPTIMIZERS[SHARPNESS_OF], "learning_rate"),
    }
if "gradient_kinks" in TABLES:
    FIGURES["gradient_kinks"] = {
        "section": "gradients",
        "frames": {
            "gradient_kinks": "results/tables/gradient_kinks.csv",
            "kink_profiles": "results/gradients/kink_profiles.csv",
        },
        "settings": {},
    }
if "error_decomposition" in TABLES:
    FIGURES["error_decomposition"] = {
        "section": "statistics",
        "frames": {
            "error_decomposition": "results/tables/error_decomposition.csv",
            "baselines": "results/tables/baselines.csv",
        },
        "settings": {},
    }


# Where workflow/report/figure.rst finds the captions: as parameters of the rule, a word in them
# would redraw the figure.
config["captions"] = {
    figure: caption_of(figure)._asdict() for figure in [*FIGURES, "benchmark"]
}


rule figure:
    """Draw one figure: frames in, a picture out."""
    input:
        unpack(lambda wildcards: FIGURES[wildcards.figure]["frames"]),
    output:
        **{
            kind: report(
                f"results/figures/{{figure}}.{kind}",
                caption="../report/figure.rst",
                category=section_of,
                labels=labels_of(kind),
            )
            for kind in ("svg", "png")
        },
    log:
        "results/logs/figures/{figure}.log",
    wildcard_constraints:
        figure="|".join(FIGURES),
    localrule: True
    params:
        code=lambda wildcards: code(
            "figures", f"autodiff_pipeline.figures.{wildcards.figure}"
        ),
        settings=lambda wildcards: FIGURES[wildcards.figure]["settings"],
        frames=lambda wildcards: sorted(FIGURES[wildcards.figure]["frames"]),
    message:
        "Draw the figure {wildcards.figure}"
    script:
        "../scripts/figures.py"

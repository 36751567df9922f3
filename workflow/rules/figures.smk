from autodiff_pipeline.derivatives.operators import FAMILIES, family_of
from autodiff_pipeline.report.sections import SECTIONS
from autodiff_pipeline.report.source_text import caption

KINDS = ["svg", "png"]  # of pictures
ACCURACY = {"accuracy": "results/tables/derivative_accuracy.csv"}
MOST_FUNCTIONS = 18  # in one figure of the atlas, two rows each
BY_FAMILY = {
    family: {
        name: function.operator
        for name, function in FUNCTIONS.items()
        if family_of(function.expression, function.operator) == family
    }
    for family in FAMILIES
}
PAGES = [  # of the atlas
    (" ".join([family, *([str(number)] if number > 1 else [])]), names)
    for family, members in BY_FAMILY.items()
    for number, names in enumerate(batches(list(members), MOST_FUNCTIONS), start=1)
]

# Every figure: its section, the frames its draw() takes, by the name of the argument, and its
# settings. What is said of it stands at the top of its module, which has its name, unless the figure
# is a part of what a module draws of the same frames.
SAMPLES = DATA_SETS[0]  # the data set that figures show
FIGURES = {
    "tanh_derivative": {
        "section": "lesson",
        "frames": {"points": f"results/derivatives/{SHOWN}.csv"},
        "settings": {"expression": FUNCTIONS[SHOWN].expression},
    },
    "derivative_findings": {
        "section": "derivatives",
        "frames": {"findings": "results/tables/derivative_findings.csv", **ACCURACY},
        "settings": {
            "operators": {
                name: function.operator for name, function in FUNCTIONS.items()
            }
        },
    },
    "derivative_systems": {
        "section": "derivatives",
        "frames": ACCURACY,
        "settings": {
            "families": {
                family: [operator or name for name, operator in members.items()]
                for family, members in BY_FAMILY.items()
                if members
            }
        },
    },
    **{
        f"derivative_atlas_{page.replace(' ', '_')}": {
            "module": "derivative_atlas",
            "part": page,
            "section": "derivatives",
            "frames": ACCURACY,
            "settings": {
                "family": page,
                "functions": names,
                "operators": [
                    FUNCTIONS[name].operator
                    for name in names
                    if FUNCTIONS[name].operator
                ],
            },
        }
        for page, names in PAGES
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
    "minimization": {
        "section": "lesson",
        "frames": {
            "minimization": "results/tables/minimization.csv",
            "trace": "results/minimization/trace.csv",
        },
        "settings": NOISE,
    },
    "lesson": {
        "section": "lesson",
        "frames": {
            "trace": "results/minimization/trace.csv",
            "samples": SAMPLES,
        },
        "settings": {**NOISE, "true_model": TRUTH.get("true_model"), "units": UNITS},
    },
    "gradient_agreement": {
        "section": "gradients",
        "frames": {"gradient_agreement": "results/tables/gradient_agreement.csv"},
        "settings": {},
    },
    "convergence": {
        "section": "training",
        "frames": {
            "convergence": "results/tables/convergence.csv",
            "baselines": "results/tables/baselines.csv",
        },
        "settings": {},
    },
    "fits": {
        "section": "training",
        "frames": {"fits": "results/tables/fits.csv", "samples": SAMPLES},
        "settings": {"units": UNITS},
    },
}
RISKS = {table: f"results/tables/{table}.csv" for table in ("networks", "baselines")}
if MEASURED:
    FIGURES["measurements"] = {
        "section": "lesson",
        "frames": {"training": SAMPLES, "held_out": HELD_OUT[0]},
        "settings": {"units": UNITS},
    }
    FIGURES["held_out_loss"] = {
        "section": "statistics",
        "frames": RISKS,
        "settings": {},
    }
else:
    FIGURES["excess_risk"] = {"section": "statistics", "frames": RISKS, "settings": {}}
    FIGURES["data"] = {
        "section": "lesson",
        "frames": {"samples": SAMPLES},
        "settings": {**NOISE, "true_model": TRUTH["true_model"]},
    }
FIGURES |= {
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

FIGURES_ASKED_FOR = {  # made only when asked for, so they are not on the page
    "checker_power": {
        "section": "gradients",
        "frames": {"checker_power": "results/tables/checker_power.csv"},
        "settings": {},
    },
}
if not MEASURED:
    FIGURES_ASKED_FOR["benchmark"] = {
        "section": "speed",
        "frames": {"benchmark": "results/benchmark/training.csv"},
        "settings": BENCHMARK,
    }
    FIGURES_ASKED_FOR["benchmark_truth"] = {
        "section": "speed",
        "frames": {"truth": "results/benchmark/truth.csv"},
        "settings": {},
    }
EVERY_FIGURE = {**FIGURES, **FIGURES_ASKED_FOR}


ATLAS = [name for name in FIGURES if module_of(name) == "derivative_atlas"]


# Where workflow/report/figure.rst finds the captions: as parameters of the rules, a word in them
# would redraw the figures.
config["captions"] = {
    name: caption_of(name)._asdict()
    for name in {module_of(figure) for figure in EVERY_FIGURE}
}


rule figure:
    """Draw one figure: frames in, a picture out."""
    input:
        unpack(lambda wildcards: EVERY_FIGURE[wildcards.figure]["frames"]),
    output:
        **{
            kind: report(
                f"results/figures/{{figure}}.{kind}",
                caption="../report/figure.rst",
                category=lambda wildcards: section_of(wildcards.figure),
                labels=lambda wildcards, kind=kind: labels_of(wildcards.figure, kind),
            )
            for kind in KINDS
        },
    log:
        "results/logs/figures/{figure}.log",
    wildcard_constraints:
        figure="|".join(name for name in EVERY_FIGURE if name not in ATLAS),
    localrule: True
    params:
        code=lambda wildcards: code(
            "figures", f"autodiff_pipeline.figures.{wildcards.figure}"
        ),
        module=lambda wildcards: wildcards.figure,
        settings=lambda wildcards: [EVERY_FIGURE[wildcards.figure]["settings"]],
        frames=lambda wildcards: sorted(EVERY_FIGURE[wildcards.figure]["frames"]),
    message:
        "Draw the figure {wildcards.figure}"
    script:
        "../scripts/figures.py"


rule figure_atlas:
    """Draw all pages of the atlas in one process, which takes longer to start than to draw one."""
    input:
        **ACCURACY,
    output:
        **{
            kind: [
                report(
                    f"results/figures/{figure}.{kind}",
                    caption="../report/figure.rst",
                    category=section_of(figure),
                    labels=labels_of(figure, kind),
                )
                for figure in ATLAS
            ]
            for kind in KINDS
        },
    log:
        "results/logs/figures/derivative_atlas.log",
    priority: 1
    localrule: True
    params:
        code=code("figures", "autodiff_pipeline.figures.derivative_atlas"),
        module="derivative_atlas",
        settings=[FIGURES[figure]["settings"] for figure in ATLAS],
        frames=sorted(ACCURACY),
    message:
        "Draw all pages of the atlas"
    script:
        "../scripts/figures.py"

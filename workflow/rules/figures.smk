from autodiff_pipeline.derivatives.operators import FAMILIES, family_of
from autodiff_pipeline.report.sections import SECTIONS
from autodiff_pipeline.report.source_text import caption, restructured

KINDS = ["svg", "png"]  # of pictures
ACCURACY = {"accuracy": "results/tables/derivative_accuracy.csv"}
MOST_FUNCTIONS = 18  # in one figure of the atlas, two rows each
FIGURES_PER_JOB = 7
BY_FAMILY = {
    family: {
        name: function.operator
        for name, function in FUNCTIONS.items()
        if family_of(function.expression, function.operator) == family
    }
    for family in FAMILIES
}
PAGES = [  # of the atlas
    page
    for family, members in BY_FAMILY.items()
    for page in named_batches(family, list(members), MOST_FUNCTIONS)
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

# What one process draws: to start it and import seaborn takes longer than to draw a figure.
IN_SECTION = {
    section: [name for name, figure in FIGURES.items() if figure["section"] == section]
    for section in dict.fromkeys(figure["section"] for figure in FIGURES.values())
}
DRAWN_TOGETHER = {
    group.replace(" ", "_"): figures
    for section, members in IN_SECTION.items()
    for group, figures in named_batches(section, members, FIGURES_PER_JOB)
} | {figure: [figure] for figure in FIGURES_ASKED_FOR}

CAPTIONS = {
    name: caption_of(name) for name in {module_of(figure) for figure in EVERY_FIGURE}
}
# Where workflow/report/figure.rst finds them: as parameters of the rules, a word would redraw figures.
config["captions"] = {
    figure: restructured(CAPTIONS[module_of(figure)]) for figure in EVERY_FIGURE
}


for group, figures in DRAWN_TOGETHER.items():

    rule:
        """Draw the figures of a section: frames in, pictures out."""
        name:
            f"figures_{group}"
        input:
            **{
                f"{figure}_{frame}": path
                for figure in figures
                for frame, path in EVERY_FIGURE[figure]["frames"].items()
            },
        output:
            **{
                kind: [
                    report(
                        f"results/figures/{figure}.{kind}",
                        caption="../report/figure.rst",
                        category=section_of(figure),
                        labels=labels_of(figure, kind),
                    )
                    for figure in figures
                ]
                for kind in KINDS
            },
        log:
            f"results/logs/figures/{group}.log",
        priority: int(figures[0] in IN_SECTION["derivatives"])  # a long job
        localrule: True
        params:
            code=code(
                "figures",
                *[
                    f"autodiff_pipeline.figures.{module_of(figure)}"
                    for figure in figures
                ],
            ),
            figures={
                figure: {
                    "module": module_of(figure),
                    "frames": sorted(EVERY_FIGURE[figure]["frames"]),
                    "settings": EVERY_FIGURE[figure]["settings"],
                }
                for figure in figures
            },
        message:
            f"Draw the figures of {group.replace('_', ' ')}"
        script:
            "../scripts/figures.py"

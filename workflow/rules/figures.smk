# Every figure: the frames its draw() takes, by the name of the argument, and its settings.
FIGURES = {
    "data": {
        "frames": {"samples": "results/data/0.csv"},
        "settings": {
            name: EXPERIMENT["data"][name] for name in ("true_model", "noise_scale")
        },
    },
    "minimization": {
        "frames": {
            "minimization": "results/tables/minimization.csv",
            "trace": "results/training/minimization.csv",
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
}


rule figure:
    """Draw one figure: frames in, a picture out."""
    input:
        unpack(lambda wildcards: FIGURES[wildcards.figure]["frames"]),
        code=lambda wildcards: code(
            "figure", f"autodiff_pipeline.figures.{wildcards.figure}"
        ),
    output:
        svg="results/figures/{figure}.svg",
        png="results/figures/{figure}.png",
    log:
        "results/logs/figures/{figure}.log",
    wildcard_constraints:
        figure="|".join(FIGURES),
    params:
        settings=lambda wildcards: FIGURES[wildcards.figure]["settings"],
        frames=lambda wildcards: sorted(FIGURES[wildcards.figure]["frames"]),
    message:
        "Draw the figure {wildcards.figure}"
    script:
        "../scripts/figure.py"

from typing import get_args

from autodiff_pipeline.configuration.values import Activation
from autodiff_pipeline.derivatives.float32_ranges import float32_ranges

FUNCTIONS = EXPERIMENT.derivatives.functions
FUNCTIONS_PER_JOB = (
    45  # half of those by default: a process takes three seconds to start
)
SHOWN = (
    "tanh" if "tanh" in FUNCTIONS else next(iter(FUNCTIONS))
)  # in the figures of one function
EXHAUSTIVE = (
    FUNCTIONS
    if EXPERIMENT.derivatives.exhaustive and "float32" in EXPERIMENT.derivatives.dtypes
    else {}
)  # the functions that are examined at every float32
SYSTEM_CODE = [  # which scripts choose by name
    f"autodiff_pipeline.derivatives.systems.{system}"
    for system in EXPERIMENT.derivatives.systems
]
MEASURED_ON = {  # where the accuracy of a function is measured
    name: function.range or function.interval for name, function in FUNCTIONS.items()
}
STABLE_RULES = sorted(
    name.removeprefix("stable_")
    for name in get_args(Activation)
    if name.startswith("stable_")
)
OPERATORS_PUBLISHED = [  # at every float32, which takes long; first those with stable rules
    name for name in """
        elu exp2 expm1 gelu log_ndtr logsigmoid mish selu sigmoid silu sinc softplus tanh
        tanhshrink erf log1p relu abs exp log acos asin atan tan acosh asinh atanh cosh sinh
        expit log10 log2 logit reciprocal rsqrt sqrt square celu gelu_tanh softsign digamma
        entr erfc erfcx erfinv i0 i0e i1e lgamma ndtr ndtri hardshrink hardsigmoid hardswish
        hardtanh leaky_relu relu6 softshrink ceil floor round sign trunc
    """.split() if name in FUNCTIONS
]
EVERY_FLOAT32 = {  # by folder, the functions and what is measured of them
    "exhaustive": {
        name: {
            **plain(function, "expression", "operator"),
            **plain(EXPERIMENT.derivatives, "systems"),
            "ways": [[order, None] for order in EXPERIMENT.derivatives.orders],
        }
        for name, function in FUNCTIONS.items()
    },
    "published": {
        name: {
            "expression": f"{name}(x)",
            "operator": None,
            "systems": ["torch"],
            "ways": [[1, ["reverse_mode", "forward_mode"]]]
            + (
                [[order, ["stable"]] for order in (1, 2)]
                if name in STABLE_RULES
                else []
            ),
        }
        for name in OPERATORS_PUBLISHED
    },
}
PARTS = {  # jobs of about a minute of one core: all methods take longer than those published
    extent: {
        name: float32_ranges(
            MEASURED_ON[name], 2 ** (25 if extent == "exhaustive" else 28)
        )
        for name in functions
    }
    for extent, functions in EVERY_FLOAT32.items()
}
DERIVATIVE_TABLES = {  # and what a row is
    "accuracy": "One row per function, order, precision and method: errors in units in the last place.",
    "findings": "One row per region of numbers: in which way torch's derivative is wrong there.",
    "kinks": "One row per kink: what each method returns there.",
    "step_sizes": "One row per step of a finite difference: its error.",
    "optima": "One row per scheme: its best step, predicted and found.",
}

for number, names in enumerate(batches(list(FUNCTIONS), FUNCTIONS_PER_JOB)):

    rule:
        name:
            f"derivatives_{number}"
        output:
            **{
                table: expand(
                    f"results/derivatives/{table}/{{function}}.csv", function=names
                )
                for table in ["curves", *DERIVATIVE_TABLES]
            },
            points=expand("results/derivatives/{function}.csv", function=names),
        log:
            f"results/logs/derivatives/{number}.log",
        priority: 2  # the longest jobs first, so that none is left when the rest is done
        params:
            *code("derivatives", *SYSTEM_CODE),
            settings={
                **plain(EXPERIMENT, "root_seed"),
                "shown": SHOWN,
                "functions": [[name, plain(FUNCTIONS[name])] for name in names],
                "sampled_dtypes": [
                    dtype
                    for dtype in EXPERIMENT.derivatives.dtypes
                    if dtype != "float32" or not EXHAUSTIVE
                ],
                **plain(
                    EXPERIMENT.derivatives,
                    "systems",
                    "dtypes",
                    "orders",
                    "points",
                    "samples",
                ),
            },
        message:
            f"Compare the derivatives of {', '.join(names)} with certified truth"
        script:
            "../scripts/derivatives.py"


rule derivatives_exhaustive_part:
    """Measure one function's derivatives at a range of consecutive float32."""
    output:
        "results/derivatives/{extent}/{function}/{part}.json",
    log:
        "results/logs/derivatives/{extent}/{function}/{part}.log",
    wildcard_constraints:
        extent="|".join(EVERY_FLOAT32),
    params:
        *code("derivatives_exhaustive_part", *SYSTEM_CODE),
        settings=lambda wildcards: {
            "name": wildcards.function,
            **EVERY_FLOAT32[wildcards.extent][wildcards.function],
            "ranks": PARTS[wildcards.extent][wildcards.function][int(wildcards.part)],
        },
    message:
        "Compare the derivatives of {wildcards.function} with certified truth at every float32, part {wildcards.part}"
    script:
        "../scripts/derivatives_exhaustive_part.py"


rule derivatives_exhaustive:
    """Tabulate one function's accuracy over every float32 of its range."""
    input:
        parts=lambda wildcards: expand(
            "results/derivatives/{extent}/{function}/{part}.json",
            extent=wildcards.extent,
            function=wildcards.function,
            part=range(len(PARTS[wildcards.extent][wildcards.function])),
        ),
    output:
        "results/derivatives/{extent}/{function}.csv",
    log:
        "results/logs/derivatives/{extent}/{function}.log",
    wildcard_constraints:
        extent="|".join(EVERY_FLOAT32),
    params:
        *code("derivatives_exhaustive", *SYSTEM_CODE),
        settings=lambda wildcards: {
            "name": wildcards.function,
            **EVERY_FLOAT32[wildcards.extent][wildcards.function],
        },
    message:
        "Tabulate the accuracy of {wildcards.function} over every float32"
    script:
        "../scripts/derivatives_exhaustive.py"


rule derivatives_stable_rules:
    """Measure the largest errors of one stable rule, which takes a quarter of an hour."""
    output:
        "results/derivatives/stable_rules/{function}.csv",
    log:
        "results/logs/derivatives/stable_rules/{function}.log",
    params:
        *code("derivatives_stable_rules"),
        settings=lambda wildcards: {
            "name": wildcards.function,
            **plain(EXPERIMENT, "root_seed"),
            "smallest": 2.0**-10,
            "count": 20_000,
        },
    message:
        "Measure the stable rule of {wildcards.function}"
    script:
        "../scripts/derivatives_stable_rules.py"

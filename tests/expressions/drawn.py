"""Random expressions of the whole grammar, and the points at which they are most dangerous.

Half of the draws are made to have something at 0: quotients of functions that vanish there, and
functions of which 0 is the kink, the jump or the end of the domain. Their x is then replaced by
x - p, so that this lies at p.
"""

from fractions import Fraction

from autodiff_pipeline.expressions.functions import NUMBERS, SIGNATURES
from autodiff_pipeline.expressions.grammar import FUNCTIONS, Constant, Name, Operation

BINARY = ("add", "subtract", "multiply", "divide", "power")
VANISHING = (  # 0 at 0
    "abs asin asinh atan atanh celu deg2rad elu erf erfinv expm1 frac gelu gelu_tanh hardshrink "
    "hardswish hardtanh i1 i1e leaky_relu log1p mish rad2deg relu relu6 round selu sign silu sin "
    "sinh softshrink softsign square step tan tanh tanhshrink trunc"
).split()
AT_ONE = "cos cosh erfc erfcx exp exp2 i0 i0e sinc".split()  # 1 at 0
EDGES = (  # with something at 0: a kink, a jump, a pole, the end of the domain
    "abs ceil digamma entr floor lgamma log log2 logit ndtri reciprocal relu rsqrt sign sqrt step"
).split()
CONSTANTS = [Fraction(n) for n in (-3, -2, -1, 0, 1, 2, 3, 4, 10)] + [
    Fraction(*q) for q in ((1, 2), (-1, 2), (3, 2), (1, 3), (1, 10), (-7, 5), (5, 2))
]
PARAMETERS = [Fraction(*q) for q in ((1, 1), (2, 1), (1, 2), (1, 10), (5, 2), (3, 1))]
WRITTEN = {  # numbers that a function needs
    "bce": [Fraction(0), Fraction(1), Fraction(1, 4)],
    "bce_with_logits": [Fraction(0), Fraction(1), Fraction(1, 4)],
    "gammainc": PARAMETERS,
    "gammaincc": PARAMETERS,
    "ldexp": [Fraction(n) for n in (-1, 0, 2)],
    "polygamma": [Fraction(n) for n in range(4)],
    "soft_margin_loss": [Fraction(1), Fraction(-1)],
    "zeta": [Fraction(3, 2), Fraction(2), Fraction(5)],
}
PLACES = [Fraction(p) for p in (0, 1, -1, 2, -2, 3, 0.5, -0.25, 1024, 2.0**-30, 2.0**60, 5e-324)]
LARGEST = 1.7976931348623157e308
POINTS = [
    *(0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -5.0, 7.0, 10.0, 0.5, -0.5, 0.25, 0.1, -0.3, 1.5),
    *(100.0, 745.0, -745.0, 1024.0, 2.0**53, -(2.0**100), 2.0**500, 2.0**1023, LARGEST, -LARGEST),
    *(2.0**-20, -(2.0**-30), 2.0**-60, 1e-160, -1e-200, 1e-300, -(2.0**-1000)),
    *(2.0**-1022, 1e-310, -3e-320, 1e-323, 5e-324, -5e-324),
]
X = Name("x")


def call(name, *arguments):
    return Operation(name, arguments)


def number(rng):
    if rng.random() < 0.15:
        return Name(rng.choice(["pi", "e"]))
    return Constant(rng.choice(CONSTANTS))


def arguments(rng, name, inner):
    """Arguments for a function, of an inner expression that is drawn for each."""
    if name in NUMBERS:
        others = [inner() for _ in range(len(SIGNATURES[name].arguments) - 1)]
        others.insert(NUMBERS[name].place, Constant(rng.choice(WRITTEN[name])))
        return others
    if name == "where":
        return [inner() for _ in range(4)]
    signature = SIGNATURES[name]
    first = [
        inner() if i == 0 or rng.random() < 0.5 else number(rng) for i in range(signature.required)
    ]
    parameters = [Constant(rng.choice(PARAMETERS)) for _ in signature.defaults]
    return [*first, *parameters[: rng.choice([0, 0, len(parameters)])]]


def anything(rng, depth):
    """An expression of the whole grammar."""
    kind = rng.random()
    if depth <= 0 or kind < 0.1:
        return X if rng.random() < 0.7 else number(rng)
    if kind < 0.15:
        return call(rng.choice(["negative", "positive"]), anything(rng, depth - 1))
    if kind < 0.55:
        name = rng.choice(FUNCTIONS)
        return call(name, *arguments(rng, name, lambda: anything(rng, depth - 1)))
    name = rng.choice(BINARY)
    right = number(rng) if name == "power" and rng.random() < 0.8 else anything(rng, depth - 1)
    return call(name, anything(rng, depth - 1), right)


def vanishing(rng, depth):
    """An expression that is 0 at 0, if it is anything."""
    kind = rng.random()
    if depth <= 0 or kind < 0.2:
        return X
    if kind < 0.5:
        return call(rng.choice(VANISHING), vanishing(rng, depth - 1))
    if kind < 0.65:
        one = Constant(Fraction(1))
        return call("subtract", *rng.sample([one, at_one(rng, depth - 1)], 2))
    if kind < 0.8:
        power = Constant(Fraction(rng.choice([1, 2, 2, 3, 4, 5])))
        return call("power", vanishing(rng, depth - 1), power)
    if kind < 0.9:
        name = rng.choice(["add", "subtract"])
        return call(name, vanishing(rng, depth - 1), vanishing(rng, depth - 1))
    return call("multiply", vanishing(rng, depth - 1), anything(rng, 1))


def at_one(rng, depth):
    """An expression that is 1 at 0, if it is anything."""
    if rng.random() < 0.3:
        return call("add", Constant(Fraction(1)), vanishing(rng, depth))
    return call(rng.choice(AT_ONE), vanishing(rng, depth))


def singular(rng, depth):
    """An expression with a singularity at 0, removable or not."""
    kind = rng.random() if depth > 0 else 0
    if kind < 0.45:
        return call("divide", vanishing(rng, depth), vanishing(rng, depth - 1))
    if kind < 0.6:
        return call(rng.choice(["acos", "asin", "acosh", "atanh", "log"]), at_one(rng, depth))
    if kind < 0.75:
        return call(rng.choice(EDGES), vanishing(rng, depth))
    if kind < 0.8:
        name = rng.choice(["atan2", "clamp", "hypot", "max", "min", "where", "xlogy"])
        return call(
            name,
            *(
                vanishing(rng, depth - 1)
                for _ in range(len(SIGNATURES[name].arguments) + (name == "where"))
            ),
        )
    if kind < 0.85:
        power = Constant(Fraction(rng.choice([-1, 1, 3, 5]), rng.choice([2, 2, 3])))
        return call("power", vanishing(rng, depth), power)
    name = rng.choice(["add", "subtract", "multiply", "divide"])
    return call(name, singular(rng, depth - 1), rng.choice([singular, anything])(rng, depth - 1))


def moved(expression, argument):
    """The expression with every x replaced."""
    if expression == X:
        return argument
    if isinstance(expression, Operation):
        return call(expression.name, *(moved(each, argument) for each in expression.arguments))
    return expression


def draw(rng):
    """An expression, and points: that of its singularity, one beside it, dangerous and random."""
    place = rng.choice(PLACES) if rng.random() < 0.5 else Fraction(0)
    depth = rng.choice([1, 2, 2, 3])
    expression = anything(rng, depth + 1) if rng.random() < 0.35 else singular(rng, depth)
    if place:
        expression = moved(expression, call("subtract", X, Constant(place)))
    beside = float(place) + rng.choice([-1, 1]) * 2.0 ** -rng.choice([10, 30, 52, 52, 300, 1070])
    uniform, exponent = rng.uniform(-6, 6), rng.uniform(-1074, 1023)
    anywhere = rng.choice([uniform, uniform, rng.choice([-1, 1]) * 2.0**exponent])
    return expression, [float(place), beside, rng.choice(POINTS), anywhere]

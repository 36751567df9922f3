"""Nothing certified is wrong: random expressions, dangerous points, an independent judge."""

import random

import pytest
from expressions.drawn import draw
from expressions.limits import holds

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.truth.at_points import certified_derivatives

ORDER = 2


def certificates(expression, points, order=ORDER):
    """For every point, (rounded, remainder, ulp_exponent) or None for every order."""
    truths = certified_derivatives(expression, points, order, FORMATS["float64"])
    return [
        [
            (float(truth.rounded[i]), float(truth.remainder[i]), int(truth.ulp_exponent[i]))
            if truth.certified[i]
            else None
            for truth in truths
        ]
        for i in range(len(points))
    ]


def judged(seed, draws):
    """The wrong certificates of random draws, and how many were judged right, and not at all."""
    rng = random.Random(seed)
    wrong, right, unjudged = [], 0, 0
    for _ in range(draws):
        expression, points = draw(rng)
        for x, certified in zip(points, certificates(expression, points), strict=True):
            count = ORDER - certified.count(None)
            verdict = holds(expression, x, certified) if count else True
            right += count if verdict else 0
            unjudged += count if verdict is None else 0
            if verdict is False:
                wrong.append((expression, x, certified))
    return wrong, right, unjudged


def assert_sound(seed, draws):
    wrong, right, unjudged = judged(seed, draws)
    print(f"\n{draws} expressions: {right} certificates held, {unjudged} too large for mpmath")
    assert not wrong
    assert right > 4 * draws  # of 8: many points are singular
    assert unjudged < right / 8  # of gamma functions and inverses, in thousands of bits


def test_no_certificate_of_random_expressions_is_wrong():
    assert_sound(seed=0, draws=60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(101, 103))
def test_no_certificate_of_thousands_of_random_expressions_is_wrong(seed):
    assert_sound(seed, draws=1500)


FORMERLY_WRONG = [  # expression, point, the derivatives that were certified once
    ("(exp(x)-1)/x", 0.0, [0.0]),
    ("x**2/x", 0.0, [0.0]),
    ("(1-cos(x))/x**2", 0.0, [0.0, 0.0]),
    ("1/x**2", 0.0, [0.0]),
    ("sqrt(x**2)", 0.0, [0.0, None]),
    ("sign(x**3)", 0.0, [0.0]),
    ("acos(cos(x))", 0.0, [0.0]),
]


@pytest.mark.parametrize(("text", "x", "derivatives"), FORMERLY_WRONG)
def test_the_judge_refuses_what_was_certified_wrongly(text, x, derivatives):
    certified = [None if value is None else (value, 0.0, -1074) for value in derivatives]
    assert holds(parse(text), x, certified) is False
    assert certificates(parse(text), [x], len(derivatives))[0] != certified


@pytest.mark.parametrize(
    ("text", "x", "derivatives"),
    [
        ("x*abs(x)", 0.0, [1.0]),  # it is 0
        ("sign(x**2)", 0.0, [0.0]),  # 1 on both sides, but 0 at 0
        ("sqrt(x)**4", 0.0, [0.0]),  # nothing on the left
        ("tanh(x)", 0.5, [0.7864477329659275]),  # off by an ulp
        ("exp(x)", 800.0, [float("-inf")]),
    ],
)
def test_the_judge_sees_what_is_wrong(text, x, derivatives):
    ulp_exponent = {0.7864477329659275: -53}
    certified = [(value, 0.0, ulp_exponent.get(value, -1074)) for value in derivatives]
    assert holds(parse(text), x, certified) is False


def test_how_many_orders_are_asked_for_changes_none():
    rng = random.Random(3)
    for _ in range(150):
        expression, points = draw(rng)
        few, many = (certificates(expression, points, order) for order in (1, 3))
        for one, three in zip(few, many, strict=True):
            assert (one[0] is None) == (three[0] is None)
            assert one[0] is None or one[0][0] == three[0][0]

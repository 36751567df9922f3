from math import inf, log

import pytest

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.truth.hulls import derivative_hulls

CASES = [  # at 0 unless it says otherwise
    ("abs(x)", 0.0, (-1, 1), None),
    ("leaky_relu(x, 0.25)", 0.0, (0.25, 1), None),
    ("hardswish(x)", 3.0, (1, 1.5), None),
    ("elu(x)", 0.0, (1, 1), (0, 1)),
    ("x*abs(x)", 0.0, (0, 0), (-2, 2)),
    ("abs(-x**2)", 0.0, (0, 0), (2, 2)),  # no kink at all
    ("relu(x) + log1p(exp(-abs(x)))", 0.0, (0.5, 0.5), (0.25, 0.25)),
    ("sqrt(x)", 0.0, (inf, inf), None),  # the end of the domain
    ("x**1.5", 0.0, (0, 0), (inf, inf)),
    ("entr(x)", 0.0, (inf, inf), None),
    ("acos(x)", 1.0, (-inf, -inf), None),
    ("log(x)", 0.0, None, None),  # no value there
    ("1/x**2", 0.0, None, None),
    ("1/x", 0.0, (-inf, -inf), None),
    ("digamma(x)", -1.0, (inf, inf), None),
    ("acos(x)", 2.0, None, None),
    ("floor(x)", 1.0, None, None),
    ("step(x)", 0.0, None, None),
    ("where(x < 1, x, 2*x)", 1.0, None, None),
    ("log(2)*where(x < 0, x, x + x**2)", 0.0, (log(2), log(2)), (0, 2 * log(2))),
]


@pytest.mark.parametrize(("text", "x", "first", "second"), CASES)
def test_what_a_derivative_may_be_where_there_is_none(text, x, first, second):
    found = derivative_hulls(parse(text), x, 2)
    assert [hull and tuple(hull) for hull in found] == [
        expected and pytest.approx(expected, rel=1e-15) for expected in (first, second)
    ]

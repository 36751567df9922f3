"""The certified truth of a network's derivatives, and every method held against it."""

import mpmath
import pytest
import torch
from pandas import DataFrame

from autodiff_pipeline.gradients.agreement.case import Case
from autodiff_pipeline.gradients.agreement.certified import certified
from autodiff_pipeline.gradients.agreement.comparison import agreement
from autodiff_pipeline.gradients.agreement.gradients import GRADIENTS
from autodiff_pipeline.gradients.agreement.products import PRODUCTS
from autodiff_pipeline.gradients.agreement.survey import STORED, agreement_survey
from autodiff_pipeline.networks.by_hand import network_gradient
from autodiff_pipeline.networks.network import Parameters, to_vector
from autodiff_pipeline.tables.gradient_agreement import gradient_agreement

ACTIVATIONS = {
    "relu": lambda a: max(a, mpmath.mpf(0)),
    "tanh": mpmath.tanh,
    "silu": lambda a: a / (1 + mpmath.exp(-a)),
}


def drawn(hidden_size, samples, activation):
    stream = torch.Generator().manual_seed(5)
    w, b, v, x, y = (
        torch.randn(size, generator=stream, dtype=torch.float64)
        for size in (hidden_size, hidden_size, hidden_size, samples, samples)
    )
    return Case(Parameters(w, b, v, torch.tensor(0.25, dtype=torch.float64)), x, y, activation)


def loss_of(case):
    """The loss in mpmath's arithmetic, as a function of all parameters."""
    phi, size = ACTIVATIONS[case.activation], len(case.parameters.w)
    points = list(zip(case.x.tolist(), case.y.tolist(), strict=True))

    def loss(*p):
        w, b, v, c = p[:size], p[size : 2 * size], p[2 * size : -1], p[-1]
        units = range(size)
        fits = [c + sum(v[h] * phi(w[h] * x + b[h]) for h in units) - y for x, y in points]
        return sum(fit**2 for fit in fits) / len(points)

    return loss


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_certified_truth_is_what_differences_in_many_digits_give(activation):
    case = drawn(2, 3, activation)
    truth, at = certified(case), case.vector.tolist()
    with mpmath.workdps(80):
        step = mpmath.mpf(10) ** -20
        loss = loss_of(case)

        def shifted(**by):
            return loss(*(p + step * by.get(f"_{k}", 0) for k, p in enumerate(map(mpmath.mpf, at))))

        for i, ball in enumerate(truth.gradient):
            slope = (shifted(**{f"_{i}": 1}) - shifted(**{f"_{i}": -1})) / (2 * step)
            assert float(ball) == pytest.approx(float(slope), rel=1e-15)
        hessian = truth.hessian()
        for i in range(7):
            for j in range(i + 1):
                signs = [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
                if i == j:
                    bend = shifted(**{f"_{i}": 1}) + shifted(**{f"_{i}": -1}) - 2 * shifted()
                else:
                    bend = sum(s * shifted(**{f"_{i}": a, f"_{j}": c}) for a, c, s in signs) / 4
                for ball in (hessian[7 * i + j], hessian[7 * j + i]):
                    assert float(ball) == pytest.approx(float(bend / step**2), rel=1e-15, abs=1e-30)
    direction = [1.0, -2.0, 0.5, 3.0, 0.0, 1.0, -1.0]
    for i, ball in enumerate(truth.product(direction)):
        row = [float(value) for value in hessian[7 * i : 7 * i + 7]]
        expected = sum(h * d for h, d in zip(row, direction, strict=True))
        assert float(ball) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_every_method_agrees_with_the_truth(activation):
    case = drawn(4, 9, activation)
    table = gradient_agreement(
        agreement(case, torch.ones(13, dtype=torch.float64)).assign(
            hidden_size=4, init_seed=0, stage="initial", activation=activation
        )
    )
    worst = table.groupby(["dtype", "method"])["max_relative_error"].max()
    unavailable = {"relu": "complex_step", "tanh": "moments", "gelu": "complex_step"}[activation]
    expected = (set(GRADIENTS) | set(PRODUCTS)) - {unavailable}
    expected -= {"moments"} if activation != "relu" else set()
    assert set(worst.loc["float64"].index) == expected
    assert worst["float64"].drop("central_difference").max() < 1e-14
    assert worst["float32"].drop("central_difference").max() < 1e-5
    assert 1e-13 < worst["float64", "central_difference"] < 1e-8
    assert (table.groupby("dtype")["truth"].unique().str[0] == ["float64", "balls"]).all()


def test_a_wrong_gradient_would_be_seen(monkeypatch):
    def wrong(case):
        gradient, _ = network_gradient(case.parameters, case.x, case.y, case.activation)
        return to_vector(gradient._replace(b=gradient.b * (1 + 1e-9)))

    monkeypatch.setitem(GRADIENTS, "wrong", wrong)
    case = drawn(3, 5, "tanh")
    found = agreement(case, torch.ones(10, dtype=torch.float64))
    rows = found[(found["dtype"] == "float64") & (found["method"] == "wrong")]
    errors = (rows["max_error"] / rows["max_truth"]).tolist()
    assert errors[1] == pytest.approx(1e-9, rel=1e-5)
    assert max(errors[0], *errors[2:]) < 1e-14


def test_networks_are_compared_before_and_after_training_and_diverged_ones_only_before():
    case = drawn(2, 30, "relu")
    values = dict(zip(Parameters._fields, case.parameters, strict=True))
    arrays = {name: values[name[-1]][None].numpy() for name in STORED}
    pairs = {}
    for status in ("trained", "diverged"):
        network = DataFrame({"data_seed": [0], "init_seed": [0], "status": [status]})
        found = agreement_survey(network, arrays, case, activation="relu", samples=6, root_seed=1)
        pairs[status] = sorted(set(zip(found["stage"], found["activation"], strict=True)))
    assert pairs["trained"] == [("initial", "relu"), ("initial", "tanh"), ("trained", "relu")]
    assert pairs["diverged"] == pairs["trained"][:2]


def test_all_of_the_hessian_is_compared_up_to_20_units():
    def quantities(units):
        case = drawn(units, 2, "relu")
        return set(agreement(case, case.vector)["quantity"])

    assert quantities(20) - quantities(21) == {"hessian"}


def test_the_table_divides_the_largest_error_by_the_largest_entry():
    labels = "hidden_size init_seed stage activation quantity dtype method truth".split()
    rows = DataFrame({"max_error": [1e-9, 3e-9, 2e-9], "max_truth": [0.5, 1e-6, 2.0]})
    table = gradient_agreement(rows.assign(**dict.fromkeys(labels, 1)))
    assert table["max_relative_error"].tolist() == [1.5e-9]

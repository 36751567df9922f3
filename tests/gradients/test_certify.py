"""What certify takes, checks beforehand, and says."""

import textwrap

import pytest
import torch
from torch import nn

import autodiff_pipeline.gradients
from autodiff_pipeline.gradients.certify import certify

D = torch.float64
POINT = torch.tensor([0.5, 1.2, -0.3], dtype=D)


def squares(x):
    return (x**2).sum()


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, upstream):
        return 2 * ctx.saved_tensors[0] * upstream


class IgnoresUpstream(Square):
    @staticmethod
    def backward(ctx, upstream):
        return 2 * ctx.saved_tensors[0]


class ScalarIgnoresUpstream(IgnoresUpstream):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x**2).sum()


class WritesUpstream(Square):
    @staticmethod
    def backward(ctx, upstream):
        return upstream.mul_(2) * ctx.saved_tensors[0]


class ReturnsNothing(Square):
    @staticmethod
    def backward(ctx, upstream):
        return None


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)).to(D)


def loss_of(seed=1):
    stream = torch.Generator().manual_seed(seed)
    x, y = (torch.randn(10, n, generator=stream, dtype=D) for n in (3, 1))
    return lambda module: ((module(x) - y) ** 2).mean()


def by_name(module, loss):
    names = [name for name, _ in module.named_parameters()]
    gradients = torch.autograd.grad(loss(module), list(module.parameters()))
    return dict(zip(names, gradients, strict=True))


def test_the_first_sentence_of_a_wrong_gradient():
    report = certify(squares, POINT, lambda x: 4 * x)
    assert report.verdict == "wrong"
    assert not report.right
    assert str(report).startswith("Entry (1,): gradient 4.8, slope 2.4 ± ")
    assert ": too large by a factor of 2. No kink within " in str(report)
    assert "; the function repeats exactly." in str(report)
    worst = report.entries[0]
    assert (worst.index, worst.name, worst.given) == (1, "(1,)", 4.8)
    assert worst.low <= 2.4 <= worst.high
    assert worst.relative == pytest.approx(1)


def test_the_first_sentence_of_a_right_gradient():
    assert str(certify(squares, POINT)).startswith("The gradient is right: every entry ")


def test_an_assertion_in_pytest_shows_the_sentence():
    report = certify(squares, POINT, lambda x: 2 * x.abs())
    with pytest.raises(AssertionError, match=r"Entry \(2,\).*the sign is wrong"):
        assert report.right, report


def test_the_recipe_of_the_package(tmp_path):
    text = autodiff_pipeline.gradients.__doc__.split("::\n\n", 1)[1]
    code = textwrap.dedent(text.split("\n\nShould the backward", 1)[0])
    scope = {}
    exec(code, scope)
    tests = [value for name, value in scope.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()
    scope["Square"].backward = staticmethod(lambda ctx, up: ctx.saved_tensors[0] * up)
    with pytest.raises(AssertionError, match="too small by a factor of 2"):
        tests[0]()


@pytest.mark.parametrize(
    ("function", "gradient", "cause"),
    [
        (squares, lambda x: -2 * x, "the sign is wrong"),
        (squares, lambda x: x, "too small by a factor of 2"),
        (lambda x: x.sin().sum(), lambda x: x.cos() / 3, "a mean for a sum"),
        (lambda x: x.sin().mean(), torch.cos, "a sum for a mean"),
        (squares, torch.zeros_like, "detached"),
        (squares, lambda x: torch.where(x < 0, 0, 2 * x), "zero wherever the number is below"),
        (lambda x: x.exp().sum(), lambda x: x.float().exp().double(), "float32"),
        (lambda x: x.exp().sum(), lambda x: (-x).exp(), "the gradient at the opposite point"),
        (lambda x: (x**3).sum(), lambda x: 3 * x**2 * (1 + 1e-4), "1.0001 times the slope"),
        (squares, lambda x: 2 * x.roll(1), "shifted by one place"),
        (lambda x: torch.relu(x - 0.5).sum(), lambda x: 2 * (x > 0.5).to(x) - 1, "kinks|slopes"),
        (lambda x: x * x, lambda x: (2 * x).expand(3, 3), "upstream is ignored"),
    ],
)
def test_simple_causes_are_named(function, gradient, cause):
    report = certify(function, POINT, gradient)
    assert report.verdict == "wrong", report
    assert any(word in str(report) for word in cause.split("|")), report


def test_a_transposed_gradient_is_called_so():
    c = torch.arange(9.0, dtype=D).reshape(3, 3)
    report = certify(lambda x: (x * c).sum(), c.sin(), c.T)
    assert "the gradient is transposed" in report.causes


def test_the_other_side_of_a_kink_is_called_so():
    point = torch.tensor([1 + 1e-5, 1 - 1e-5], dtype=D)
    report = certify(lambda x: (2 * (x - 1).relu() + x).sum(), point, torch.ones_like)
    assert report.verdict == "wrong"
    assert "the slope beyond a kink, about 1e-05 away" in str(report)
    assert report.entries[0].kink == pytest.approx(1e-5, rel=2)


@pytest.mark.parametrize(
    ("function", "verdict"),
    [
        (Square, "right"),
        (IgnoresUpstream, "wrong"),
        (ScalarIgnoresUpstream, "wrong"),
        (WritesUpstream, "wrong"),
        (ReturnsNothing, "wrong"),
    ],
)
def test_the_backward_of_custom_functions(function, verdict):
    report = certify(function.apply, POINT)
    assert report.verdict == verdict, report


def test_a_function_that_does_not_repeat_is_undecided_and_says_so():
    report = certify(lambda x: nn.functional.dropout(x, 0.5).sum(), POINT)
    assert report.verdict == "undecided"
    assert "the function does not repeat" in str(report)
    assert not report.repeats


def test_a_function_that_writes_into_its_argument_is_not_called_right():
    point = POINT.clone()
    report = certify(lambda x: x.mul_(3).sum(), point, lambda x: torch.full_like(x, 3.0))
    assert report.verdict == "undecided"
    assert "writes into its argument" in str(report)
    assert torch.equal(point, POINT)
    wrong = certify(lambda x: x.mul_(3).sum(), point, torch.ones_like)
    assert wrong.verdict == "wrong"


def test_the_global_random_stream_is_left_as_it_was():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    certify(lambda x: (x * torch.rand(3, dtype=D)).sum(), POINT)
    assert torch.equal(before, torch.get_rng_state())


def test_the_same_seed_gives_the_same_report():
    c = torch.linspace(1, 2, 2000, dtype=D)

    def report(seed):
        return certify(lambda x: (c * x.sin()).sum(), c, lambda x: c * x.cos(), seed=seed)

    assert report(1) == report(1)
    assert report(1).right
    assert report(2).right


def test_a_wrong_shape_is_refuted_in_words():
    report = certify(squares, POINT, torch.ones(2, dtype=D))
    assert report.verdict == "wrong"
    assert "has shape (2,), but should have (3,)" in str(report)


def test_not_a_number_is_refuted_and_a_point_outside_the_domain_undecided():
    assert certify(squares, POINT, torch.full((3,), torch.nan, dtype=D)).verdict == "wrong"
    report = certify(lambda x: x.log().sum(), -POINT.abs())
    assert report.verdict == "undecided"
    assert "not finite at the point" in str(report)


def test_a_pytree_with_constants_and_names():
    point = {"w": POINT.outer(POINT), "inner": [POINT, 3], "labels": torch.tensor([1, 2])}

    def function(p):
        return p["w"].square().sum() + p["inner"][1] * p["inner"][0].sin().sum() + p["labels"][0]

    assert certify(function, point).right
    report = certify(
        function, point, lambda p: {"w": 2 * p["w"], "inner": [p["inner"][0].cos(), None]}
    )
    assert report.verdict == "wrong"
    assert report.entries[0].name.startswith("inner.0[")


def test_a_module_by_the_names_of_its_parameters():
    module, loss = network(), loss_of()
    before = {k: v.clone() for k, v in module.state_dict().items()}
    gradient = by_name(module, loss)
    assert certify(loss, module).right
    assert certify(loss, module, gradient).right
    wrong = {**gradient, "2.weight": 2 * gradient["2.weight"]}
    report = certify(loss, module, wrong)
    assert report.verdict == "wrong"
    assert report.entries[0].name.startswith("2.weight[0, ")
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in module.parameters())


def test_tied_parameters_of_a_module_move_together():
    module = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3)).to(D)
    module[2].weight = module[0].weight
    report = certify(lambda m: m(POINT).square().sum(), module)
    assert report.right, report
    assert "all 15 entries" in report.coverage


def test_a_complex_point_has_a_slope_along_both_parts():
    z = torch.tensor([1 + 2j, 0.5 - 1j], dtype=torch.complex128)
    assert certify(lambda z: (z * z.conj()).real.sum(), z).right
    report = certify(lambda z: (z * z.conj()).real.sum(), z, lambda z: z)
    assert report.verdict == "wrong"
    assert report.entries[0].name == "(0,) imaginary"


@pytest.mark.parametrize("shape", [(0,), (), (2, 0), (1, 1)])
def test_points_of_any_shape(shape):
    point = torch.full(shape, 0.7, dtype=D)
    assert certify(lambda x: x.exp().sum(), point).right
    assert certify(torch.exp, point, lambda x: torch.func.jacrev(torch.exp)(x)).right


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_formats_with_few_bits(dtype):
    point = torch.tensor([0.5, 1.25], dtype=dtype)
    assert certify(lambda x: x.sin().sum(), point).verdict == "right"
    wrong = certify(lambda x: x.sin().sum(), point, lambda x: 2 * x.cos())
    assert wrong.verdict == "wrong"


def test_second_order_of_scalar_and_tensor_functions():
    def cubes(x):
        return (x**3).sum()

    assert certify(cubes, POINT, order=2).right
    assert certify(cubes, POINT, lambda x: 3 * x**2, order=2).right
    assert certify(cubes, POINT, lambda x: torch.diag(6 * x), order=2).right
    assert certify(torch.sin, POINT, order=2).right
    wrong = certify(cubes, POINT, lambda x: torch.diag(6 * x * (1 + 1e-9)), order=2)
    assert wrong.verdict == "wrong"
    lost = certify(cubes, POINT, lambda x: 3 * x.detach() ** 2, order=2)
    assert lost.verdict == "wrong"
    assert "the second derivative is lost" in str(lost)


def test_second_order_of_a_module():
    assert certify(loss_of(), network(), order=2).right


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((squares, torch.tensor([1, 2])), "without a floating-point tensor"),
        ((lambda x: [x], POINT), "returned list: it must return one tensor"),
        ((lambda x: x + 1j, POINT), "returned complex numbers"),
        ((squares, POINT, None, 3), "order is 3: it must be 1 or 2"),
        ((squares, POINT, torch.ones(3, dtype=D), 2), "order 2 needs the gradient as a function"),
    ],
)
def test_arguments_that_cannot_be_meant(arguments, sentence):
    function, point, *more = arguments
    gradient, order = (*more, None, 1)[:2] if len(more) < 2 else more
    with pytest.raises(ValueError, match=sentence):
        certify(function, point, gradient, order=order)


def test_an_error_of_1e_9_beyond_the_gradients_that_meet_at_a_kink_of_all_entries():
    slopes = torch.tensor([0.5, -1.25, 2.0, 0.75, -0.4, 1.1, 0.9, -3.0], dtype=D)
    ends = torch.zeros_like(slopes), slopes

    def function(x):
        return torch.relu(slopes @ x) + x.sin().sum()

    def judged(gradient):
        return certify(function, torch.zeros(8, dtype=D), gradient + 1).verdict

    for end in (*ends, slopes / 3):
        assert judged(end) == "right"
        wrong = end.clone()
        wrong[4] += 1e-9 * slopes.abs().max()
        assert judged(wrong) == "wrong"
    assert judged((1 + 1e-9) * slopes) == "wrong"


def test_an_entry_without_a_kink_is_judged_by_itself_beside_one_that_has_one():
    point = torch.tensor([0.0, 0.3, -0.2, 0.5, 0.1, 1.1, -0.7, 0.4], dtype=D)

    def function(x):
        return x[0].abs() + x.exp().sum()

    gradient = point.exp()
    gradient[5] *= 1 + 1e-9
    report = certify(function, point, gradient)
    assert [e.name for e in report.entries if e.verdict == "wrong"] == ["(5,)"], report


def test_what_rounding_hides_is_said():
    report = certify(lambda x: 1e9 + x[0].sin() + 1e9 * x[1].cos(), POINT[:2])
    assert report.right
    assert report.blurred == 1
    assert 1e-10 < report.blurred_resolution < 1e-6
    assert "; in one entry the function's rounding hides those up to " in str(report)


def test_a_gradient_function_of_a_module_gets_one_with_parameters():
    module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2)).to(D)
    module[2].bias = nn.Parameter(module[0].weight[:2, 0].detach().clone())
    data = torch.randn(5, 2, generator=torch.Generator().manual_seed(1), dtype=D)

    def loss(module):
        return module(data).square().mean()

    def gradient(module):
        module.zero_grad()
        loss(module).backward()
        return {name: p.grad for name, p in module.named_parameters()}

    assert certify(loss, module, gradient).right
    report = certify(loss, module, lambda m: {k: 2 * g for k, g in gradient(m).items()})
    assert "factor of 2" in str(report)

"""Situations that people report about gradients and checkers of gradients, invented anew.

Each is a function (or an ``nn.Module``'s loss) at a point, gradients that are right, None for
reverse mode, and wrong ones with words of which the report has to say at least one.
"""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn import functional

D = torch.float64


@dataclass(frozen=True)
class Reported:
    """A situation with the gradients that are right there and those that are wrong."""

    name: str
    function: Any
    point: Any
    right: list[Any] = field(default_factory=list)
    wrong: list[tuple[Any, str]] = field(default_factory=list)  # words: "one|another"
    order: int = 1
    verdict: str = "right"  # of the right ones


def numbers(*values, dtype=D):
    return torch.tensor(values, dtype=dtype)


def drawn(*shape, seed=0):
    stream = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=stream, dtype=D)


def with_backward(forward, backward):
    """A custom function whose backward is given: of what it saved, its argument, and upstream."""

    class Custom(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, upstream):
            return backward(ctx.saved_tensors[0], upstream)

    return Custom.apply


def reverse(function):
    return lambda x: torch.func.jacrev(function)(x)


def mutated(gradient, index, change):
    def wrong(x):
        found = gradient(x).clone()
        found[index] = change(found[index])
        return found

    return wrong


CASES: list[Reported] = []


def add(name, function, point, right=(None,), wrong=(), **more):
    CASES.append(Reported(name, function, point, list(right), list(wrong), **more))


def isrlu(z):
    return torch.where(z < 0, z * (1 + z * z).rsqrt(), z)


def isrlu_slope(z):
    return torch.where(z < 0, (1 + z * z).rsqrt() ** 3, 1.0)


# ------------------------------------------------------------------ kinks and ties
add(
    "max pooling of equal pixels",
    lambda x: functional.max_pool1d(x[None], 2, 2, 1)[0],
    numbers(1, 1, 1, 8),
    wrong=[(numbers([0.5, 0, 0, 0], [0, 0.2, 0.2, 0], [0, 0, 0, 1]), "slope|kink|mean")],
)
add(
    "max pooling of a flat image",
    lambda x: functional.max_pool2d(x[None, None], 2).sum(),
    torch.ones(2, 2, dtype=D),
    [None, torch.full((2, 2), 0.25, dtype=D)],
    [
        (torch.full((2, 2), 0.3, dtype=D), "kink|slope"),
        (torch.zeros(2, 2, dtype=D), "kink|slope|dropped"),
    ],
)
_hinge, _left, _matrix = (
    torch.arange(-9.5, 10.5, dtype=D) / 4,
    drawn(2, 3, seed=5),
    drawn(3, 3, seed=7),
)
add(
    "hinge of 20 inputs at its margin",
    lambda x: torch.relu(-_hinge @ x),
    torch.ones(20, dtype=D),
    [-_hinge / 2],
    [(mutated(lambda x: -_hinge, i, lambda v: 2 * v), "kink|slope") for i in (0, 19)],
)
add(
    "relu6 at six and at zero",
    lambda x: functional.relu6(x).sum(),
    numbers(6, 0, 3),
    [None, numbers(1, 1, 1), numbers(0.5, 0, 1)],
    [(numbers(-0.1, 0, 1), "kink"), (numbers(0, 1.001, 1), "kink")],
)
add(
    "one and infinity norms",
    lambda x: x.norm(1) + x.norm(torch.inf),
    numbers(0, 2, -2, 1),
    [None, numbers(0, 2, -1, 1), numbers(1, 1.5, -1.5, 1)],
    [(numbers(0, 2, -2, 1), "kink|mean"), (numbers(0, 1.4, -1.4, 1), "kink|mean")],
)
add(
    "smooth L1 at its joint",
    lambda x: functional.smooth_l1_loss(x, torch.zeros_like(x), reduction="sum"),
    numbers(1, -1, 0),
    wrong=[(numbers(1, -1.001, 0), "too large"), (numbers(2, -1, 0), "factor of 2")],
)
add(
    "power of 3/2 at zero",
    lambda x: x.abs().pow(1.5).sum(),
    numbers(0, 0.25),
    [numbers(0, 0.75)],
    [(numbers(0.1, 0.75), "not zero|kink"), (numbers(0, 1.5), "factor of 2")],
)
add(
    "sorted with ties",
    lambda x: (x.sort().values * numbers(1, -2, 4, 8)).sum(),
    numbers(2, 1, 1, 1),
    [None, numbers(8, 1, 1, 1)],
    [(numbers(8, 1, 1, 2), "mean|kink"), (numbers(8, 5, -1, -1), "mean|kink")],
)
add(
    "quantile at a rank",
    lambda x: x.quantile(0.5),
    numbers(3, 1, 2, 5, 4),
    wrong=[(torch.full((5,), 0.2, dtype=D), "slope|not zero")],
)
add(
    "largest two at a tie",
    lambda x: x.topk(2).values.sum(),
    numbers(3, 2, 2, 0),
    [None, numbers(1, 0.5, 0.5, 0)],
    [(numbers(1, 1, 1, 0), "mean|kink"), (numbers(1, 0, 0, 0), "mean|kink")],
)
add(
    "triplet loss 1e-9 inside its margin",
    lambda x: torch.relu((x[0] - x[1]).abs() - (x[0] - x[2]).abs() + 1 + 1e-9).sum(),
    numbers(0, 1, 2),
    wrong=[(numbers(0, 0, 0), "kink|dropped"), (numbers(0, 1, 0), "dropped|kink")],
)
add(
    "signed distance to a box at an edge",
    lambda x: (x.abs() - 1).amax(),
    numbers(1, 1, 0.2),
    [None, numbers(0, 1, 0), numbers(0.5, 0.5, 0)],
    [(numbers(1, 1, 0), "mean|kink")],
)
add(
    "root of a square at zero",
    lambda x: (x * x).sqrt().sum(),
    numbers(0, 1),
    [numbers(0, 1)],
    [(numbers(torch.nan, 1), "nan"), (None, "nan")],
)
# ------------------------------------------------------------------ custom backwards
add(
    "backward without upstream",
    with_backward(isrlu, lambda x, up: isrlu_slope(x)),
    numbers(-1, 0.5, 2),
    right=[],
    wrong=[(None, "upstream")],
)
add(
    "backward with the saved output for the input",
    with_backward(isrlu, lambda x, up: up * isrlu_slope(isrlu(x))),
    numbers(-1, -0.5, 2),
    right=[],
    wrong=[(None, "slope")],
)
add("backward right", with_backward(isrlu, lambda x, up: up * isrlu_slope(x)), numbers(-1, 0.5, 2))
add(
    "straight-through sign",
    with_backward(torch.sign, lambda x, up: up),
    numbers(-1, 0.5),
    right=[],
    wrong=[(None, "not zero|upstream|slope")],
)
add(
    "reversed gradient",
    with_backward(lambda x: x * x, lambda x, up: -2 * x * up),
    numbers(1, -2),
    right=[],
    wrong=[(None, "sign")],
)
add(
    "clipped gradient",
    lambda x: (x**3).sum(),
    numbers(0.5, 3),
    [lambda x: 3 * x * x],
    [(lambda x: (3 * x * x).clamp(max=1), "off|factor|slope")],
)
add(
    "weight decay in the gradient",
    lambda x: x.sin().sum(),
    numbers(0.5, 3),
    [torch.cos],
    [(lambda x: x.cos() + 1e-4 * x, "too")],
)
add(
    "gradient of the logarithm of a scale",
    lambda x: x.exp().square().sum(),
    numbers(0.5, -1),
    [lambda x: 2 * (2 * x).exp()],
    [(lambda x: 2 * x.exp(), "factor|slope|gradient"), (lambda x: (2 * x).exp(), "factor of 2")],
)
# ------------------------------------------------------------------ reductions and shapes
_data = drawn(30, 3, seed=3)
add(
    "bias that is broadcast",
    lambda b: (_data + b).square().sum(),
    numbers(1, 2, 3),
    [lambda b: 2 * (_data + b).sum(0)],
    [(lambda b: 2 * (_data + b).mean(0), "factor"), (lambda b: 2 * (_data + b), "shape")],
)
add(
    "mean squared error",
    lambda w: (_data @ w).square().mean(),
    numbers(1, 2, 3),
    [lambda w: 2 * _data.T @ (_data @ w) / 30],
    [
        (lambda w: 2 * _data.T @ (_data @ w), "30"),
        (lambda w: _data.T @ (_data @ w) / 30, "factor of 2"),
    ],
)
add(
    "gather with repeated indices",
    lambda x: (x[[0, 1, 1, 2]] ** 2).sum(),
    numbers(1, 2, 3),
    [numbers(2, 8, 6)],
    [(numbers(2, 4, 6), "factor of 2")],
)
add(
    "matrix product transposed",
    lambda w: (_left * w).sin().sum(),
    drawn(2, 3, seed=6),
    wrong=[(lambda w: reverse(lambda v: (_left * v).sin().sum())(w).T.contiguous(), "shape")],
)
add(
    "softmax without its mixed terms",
    lambda x: x.softmax(0),
    numbers(1, 2, 0.5),
    [reverse(lambda x: x.softmax(0))],
    [(lambda x: torch.diag(x.softmax(0) * (1 - x.softmax(0))), "dropped|detached")],
)
add(
    "layer norm with detached statistics",
    lambda x: (x - x.mean()) / x.std() @ numbers(1, 2, 3, 4),
    numbers(1, -2, 0.5, 3),
    wrong=[(lambda x: numbers(1, 2, 3, 4) / x.std(), "slope|detached|factor|off")],
)
add(
    "logsumexp with a detached largest",
    lambda x: (x - x.detach().amax()).exp().sum().log() + x.amax().detach(),
    numbers(700, 710, 3),
    [lambda x: x.softmax(0)],
    [(lambda x: x.softmax(0).round(), "too large|slope|off|dropped")],
)
add(
    "cumulative product with a zero",
    lambda x: x.cumprod(0).sum(),
    numbers(2, 0, 3, 4),
    [numbers(1, 32, 0, 0)],
    [(lambda x: x.cumprod(0).flip(0).cumsum(0).flip(0) / x, "nan")],
)
add(
    "determinant of a singular matrix",
    torch.linalg.det,
    numbers([1, 2, 3], [2, 4, 6], [1, 0, 1]),
    [numbers([4, 4, -4], [-2, -2, 2], [0, 0, 0])],
    [(torch.zeros(3, 3, dtype=D), "zero")],
)
add(
    "long product of matrices",
    lambda x: torch.linalg.multi_dot([(x[0] * _matrix).matrix_exp()] * 12).sum(),
    numbers(0.3),
    wrong=[
        (
            mutated(
                reverse(lambda x: (12 * x[0] * _matrix).matrix_exp().sum()),
                0,
                lambda v: v * (1 + 1e-8),
            ),
            "too",
        )
    ],
)
# ------------------------------------------------------------------ formats and scales
add(
    "float32 point, large slope",
    lambda x: (1e4 * x).sum(),
    numbers(0.1, 3, dtype=torch.float32),
    wrong=[(lambda x: torch.full_like(x, 9e3), "too small")],
)
add(
    "gradient in float32",
    lambda x: x.exp().sum(),
    numbers(0.1, 3),
    [torch.exp],
    [(lambda x: x.float().exp().double(), "float32")],
)
add(
    "two formats in a tree",
    lambda p: p["a"].exp().sum() + p["b"].double().sin().sum(),
    {"a": numbers(0.1, 2), "b": numbers(0.3, 1, dtype=torch.float32)},
    wrong=[
        (lambda p: {"a": p["a"].exp(), "b": -p["b"].cos()}, "sign"),
        (lambda p: {"a": p["a"].exp() * (1 + 1e-9), "b": p["b"].cos()}, "too"),
    ],
)
add(
    "scales from 1e-12 to 1e12",
    lambda x: (x * numbers(1e12, 1, 1e-12)).sin().sum(),
    numbers(1e-12, 1, 1e12),
    wrong=[
        (
            mutated(
                lambda x: numbers(1e12, 1, 1e-12) * (x * numbers(1e12, 1, 1e-12)).cos(),
                i,
                lambda v: v * (1 + 1e-9),
            ),
            "too",
        )
        for i in range(3)
    ],
)
add(
    "an offset of 1e8",
    lambda x: 1e8 + x.exp().sum(),
    numbers(0.5, 2),
    [torch.exp],
    [(lambda x: 1.0001 * x.exp(), "too")],
)
add(
    "tail of a Gaussian",
    lambda x: (-x * x / 2).exp().sum(),
    numbers(6, 20, 0.1),
    [lambda x: -x * (-x * x / 2).exp()],
    [(lambda x: torch.where(x > 5, 0.0, -x * (-x * x / 2).exp()), "zero")],
)
add(
    "a fast wave on a slow one",
    lambda x: x.sin().sum() + 1e-5 * (1e5 * x).sin().sum(),
    numbers(0.3, 2),
    wrong=[(torch.cos, "slope|off|too|factor")],
)
# ------------------------------------------------------------------ noise


_samples, _layer = drawn(200, 1, seed=8), drawn(4, 3, seed=2)


def newton(x):
    y = torch.ones_like(x)
    for _ in range(60):
        step = (y * y - x) / (2 * y)
        y = y - step
        if step.abs().max() < 1e-9:
            break
    return y.sum()


def any_order(x):
    return x[torch.randperm(len(x))].cumsum(0)[-1].sin()


add(
    "Newton's method to 1e-9",
    newton,
    numbers(2, 3, 0.5),
    [lambda x: 0.5 / x.sqrt()],
    [(lambda x: 0.515 / x.sqrt(), "too large"), (lambda x: x.sqrt(), "off|slope|factor|gradient")],
)
add(
    "sum in random order",
    any_order,
    drawn(50, seed=9),
    [lambda x: x.sum().cos().expand(50)],
    [(lambda x: 1.01 * x.sum().cos().expand(50), "too")],
)
add(
    "samples of a seeded stream",
    lambda x: (x + _samples).square().mean(0).sum(),
    numbers(1, 2),
    wrong=[(lambda x: 2 * x, "too|off")],
)
add(
    "dropout",
    lambda x: functional.dropout(x, 0.5).sum(),
    torch.ones(6, dtype=D),
    [torch.ones(6, dtype=D)],
    verdict="undecided",
)
# ------------------------------------------------------------------ modules and complex numbers


def tied(activation):
    torch.manual_seed(3)
    module = nn.Sequential(nn.Linear(3, 3), activation, nn.Linear(3, 3)).to(D)
    module[2].weight = module[0].weight
    return module


def normed():
    torch.manual_seed(4)
    return nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 1)).to(D)


def of_module(factor, name):
    def gradient(module):
        loss = module(_data).square().mean()
        found = torch.autograd.grad(loss, list(module.parameters()))
        named = dict(zip([n for n, _ in module.named_parameters()], found, strict=True))
        return {n: g * (factor if n == name else 1) for n, g in named.items()}

    return gradient


add(
    "module with tied weights",
    lambda m: m(_data).square().mean(),
    tied(nn.Tanh()),
    [None, of_module(1, "")],
    [(of_module(0.5, "0.weight"), "factor of 2")],
)
add(
    "module with batch norm",
    lambda m: m(_data).square().mean(),
    normed(),
    [None, of_module(1, "")],
    [(of_module(1 + 1e-8, "3.weight"), "too large")],
)
add(
    "modulus of complex numbers",
    lambda z: z.abs().sum(),
    torch.tensor([3 + 4j, -1 + 0.5j], dtype=torch.complex128),
    [None, lambda z: z / z.abs()],
    [(lambda z: (z / z.abs()).conj(), "sign"), (lambda z: z / z.abs() / 2, "factor of 2")],
)
# ------------------------------------------------------------------ second order


class _KeptOutside(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.kept = x * x
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, upstream):
        (x,) = ctx.saved_tensors
        return 3 * ctx.kept * upstream + 0 * x


def penalty(x):
    return torch.linalg.vector_norm(x.sin()) + x.prod()


add(
    "second derivative through a kept square",
    _KeptOutside.apply,
    numbers(0.5, 2),
    right=[],
    wrong=[(None, "lost|zero")],
    order=2,
)
add(
    "second derivative of softsign",
    functional.softsign,
    numbers(0.5, -2),
    order=2,
    wrong=[(lambda x: 1 / (1 + x.abs().detach()) ** 2, "lost|shape|zero")],
)
add(
    "Hessian of a norm and a product",
    penalty,
    numbers(0.5, -2, 1),
    [None, torch.func.grad(penalty)],
    order=2,
    wrong=[
        (lambda x: torch.func.hessian(penalty)(x) * (1 + 1e-8), "too|slope"),
        (lambda x: torch.diag(torch.func.hessian(penalty)(x).diagonal()), "dropped|zero"),
    ],
)
add(
    "Hessian of a ReLU network",
    lambda x: (torch.relu(_layer @ x) ** 3).sum(),
    numbers(0.5, -2, 1),
    order=2,
)

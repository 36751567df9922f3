"""More hard cases for a checker, of every theme: invented for this project.

Each has a function, a point, the right gradient (for a tensor function its Jacobian), and wrong
gradients with the reason why. ``verdict`` is what a right gradient must be called; "undecided"
where no checker could tell.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

D = torch.float64
Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Hard:
    """A function at a point with its gradient, right and wrong."""

    name: str
    theme: str
    function: Function
    point: Tensor
    gradient: Function
    wrong: dict[str, Function] = field(default_factory=dict)
    verdict: str = "right"
    wanted: float = 1e-6


def numbers(*values: float, dtype: torch.dtype = D) -> Tensor:
    return torch.tensor(values, dtype=dtype)


def drawn(*shape: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, generator=generator, dtype=D) * 2 - 1


def by_reverse_mode(function: Function) -> Function:
    """For functions whose reverse mode is right where they are used here."""
    return lambda x: torch.func.jacrev(function)(x.detach())


def off(gradient: Function, index: object, factor: float) -> Function:
    def changed(x: Tensor) -> Tensor:
        g = gradient(x).clone()
        g[index] = g[index] * factor
        return g

    return changed


def scaled(gradient: Function, factor: float) -> Function:
    return lambda x: gradient(x) * factor


def constant(*values: float) -> Function:
    return lambda x: torch.tensor(values, dtype=x.dtype)


HARD: list[Hard] = []


def add(
    name: str,
    theme: str,
    function: Function,
    point: Tensor,
    gradient: Function | None = None,
    wrong: dict[str, Function] | None = None,
    **more: object,
) -> None:
    HARD.append(
        Hard(
            name, theme, function, point, gradient or by_reverse_mode(function), wrong or {}, **more
        )  # type: ignore[arg-type]
    )


# ------------------------------------------------------------------ kinks
add(
    "norm at zero",
    "kink",
    lambda x: x.norm(),
    numbers(0, 0),
    constant(0.0, 0.0),
    {"longer than 1": constant(0.9, 0.9), "beyond 1": constant(1.2, 0.0)},
)
add(
    "norm beside zero",
    "kink",
    lambda x: x.norm(),
    numbers(3e-9, 4e-9),
    constant(0.6, 0.8),
    {"off by 1e-6": constant(0.6 * (1 + 1e-6), 0.8), "zero": constant(0.0, 0.0)},
)
add(
    "abs at zero",
    "kink",
    lambda x: x.abs().sum(),
    numbers(0.0, 1.0),
    torch.sign,
    {"1.5 at zero": constant(1.5, 1.0)},
)
add(
    "relu of a sum and a difference",
    "kink",
    lambda x: torch.relu(x[0] + x[1]) - torch.relu(x[0] - x[1]),
    numbers(0.0, 0.0),
    constant(0.0, 0.0),
    {"beyond every piece": constant(0.0, 2.5), "aside": constant(1.5, 1.0)},
)
add(
    "relu less its mirror image",
    "kink",
    lambda x: (torch.relu(x) - torch.relu(-x)).sum(),
    numbers(0.0),
    constant(1.0),
    {"what reverse mode returns": constant(0.0)},
)
add(
    "wrong branch 1e-9 beside a kink",
    "kink",
    lambda x: (torch.relu(x - 1) * 3 + x).sum(),
    numbers(1 + 1e-9, 1 - 1e-9),
    constant(4.0, 1.0),
    {"left for right": constant(1.0, 1.0), "right for left": constant(4.0, 4.0)},
)
add(
    "clamp at its edge",
    "kink",
    lambda x: x.clamp(-1, 1).sum(),
    numbers(1.0, -1.0, 0.5),
    constant(1.0, 1.0, 1.0),
    {"negative": constant(-0.1, 1.0, 1.0)},
)
add(
    "minimum of equal numbers",
    "kink",
    lambda x: torch.minimum(x[0], x[1]) * 2,
    numbers(0.7, 0.7),
    constant(1.0, 1.0),
    {"both full": constant(2.0, 2.0)},
)
add(
    "median of close numbers",
    "kink",
    lambda x: x.median(),
    numbers(0.1, 0.5, 0.5 + 1e-8),
    constant(0.0, 1.0, 0.0),
    {"neighbour": constant(0.0, 0.0, 1.0)},
)
add(
    "largest of 30 equal numbers",
    "kink",
    lambda x: x.amax(),
    torch.full((30,), 2.0, dtype=D),
    lambda x: torch.full_like(x, 1 / 30),
    {"sums to 2": lambda x: torch.full_like(x, 2 / 30)},
)
add(
    "kinks on both sides 1e-4 away",
    "kink",
    lambda x: torch.relu(x - 1e-4).sum() + torch.relu(-x - 1e-4).sum() + (2 * x).sum(),
    numbers(0.0),
    constant(2.0),
    {"a little more": constant(2.0 + 1e-9)},
)
add(
    "a kink of size 1e-8",
    "kink",
    lambda x: (x.sin() + 1e-8 * x.abs()).sum(),
    numbers(0.0),
    constant(1.0),
    {"twice the kink away": constant(1 + 3e-8)},
)
add(
    "huber at its joint",
    "kink",
    lambda x: torch.nn.functional.huber_loss(x, torch.zeros_like(x), reduction="sum"),
    numbers(1.0, 0.3, -2.0),
    constant(1.0, 0.3, -1.0),
    {"not clipped": constant(1.0, 0.3, -2.0)},
)
add(
    "sum of the largest three",
    "kink",
    lambda x: x.topk(3).values.sum(),
    numbers(1, 1, 1, 1, 0),
    constant(1.0, 1.0, 1.0, 0.0, 0.0),
    {"four": constant(1.0, 1.0, 1.0, 1.0, 0.0)},
)
add(
    "hinge of a matrix product at a tie",
    "kink",
    lambda x: torch.relu(torch.tensor([[1.0, 2.0], [-1.0, 1.0]], dtype=D) @ x).sum(),
    numbers(0.0, 0.0),
    constant(0.0, 0.0),
    {"outside": constant(0.5, 3.5)},
)

# ------------------------------------------------------------------ scale
add(
    "numbers of size 1e-300",
    "scale",
    lambda x: (x * 1e300).sin().sum(),
    numbers(0.5e-300, -1e-300),
    lambda x: 1e300 * (x * 1e300).cos(),
    {"1e-9": scaled(lambda x: 1e300 * (x * 1e300).cos(), 1 + 1e-9)},
)
add(
    "scales from 1e-8 to 1e8",
    "scale",
    lambda x: (torch.tensor([1e8, 1.0, 1e-8], dtype=D) * x).square().sum(),
    numbers(1e-8, 1.0, 1e8),
    lambda x: 2 * torch.tensor([1e16, 1.0, 1e-16], dtype=D) * x,
    {"smallest zero": lambda x: 2 * torch.tensor([1e16, 1.0, 0.0], dtype=D) * x},
)
add(
    "a constant of 1e10 on top",
    "scale",
    lambda x: x.sin().sum() + 1e10,
    numbers(0.3, 1.0),
    torch.cos,
    {"10 %": scaled(torch.cos, 1.1)},
    verdict="any",
)
add(
    "curvature of 1e12",
    "scale",
    lambda x: (1e12 * (x - 1) ** 2).sum(),
    numbers(1 + 1e-6, 1.0),
    lambda x: 2e12 * (x - 1),
    {"1e-7": off(lambda x: 2e12 * (x - 1), 0, 1 + 1e-7)},
)
add(
    "value 1e-200",
    "scale",
    lambda x: 1e-200 * x.exp().sum(),
    numbers(0.1, 0.2),
    lambda x: 1e-200 * x.exp(),
    {"1e-10": scaled(lambda x: 1e-200 * x.exp(), 1 + 1e-10)},
)
add(
    "logsumexp of large numbers",
    "scale",
    lambda x: x.logsumexp(0),
    numbers(5000, 4999, 4000),
    lambda x: x.softmax(0),
    {"no maximum taken off": constant(1.0, 1.0, 0.0)},
)
add(
    "sum of 3000 squares",
    "scale",
    lambda x: x.square().sum(),
    torch.linspace(-1, 1, 3000, dtype=D),
    lambda x: 2 * x,
    {"one entry 1 %": off(lambda x: 2 * x, 1234, 1.01)},
)

# ------------------------------------------------------------------ formats
_w300 = drawn(300, seed=3)
add(
    "long inner product in float32",
    "dtype",
    lambda x: (x * _w300.float()).sum(),
    drawn(300, seed=4).float(),
    lambda x: _w300.float(),
    {"one entry 10 %": off(lambda x: _w300.float(), 17, 1.1)},
    wanted=1e-3,
)
add(
    "exp in float32",
    "dtype",
    lambda x: x.exp().sum(),
    numbers(0.5, -1.0, dtype=torch.float32),
    torch.exp,
    {"1 %": scaled(torch.exp, 1.01), "zero": torch.zeros_like},
)
add(
    "sin in bfloat16",
    "dtype",
    lambda x: x.sin().sum(),
    numbers(0.5, 1.0, dtype=torch.bfloat16),
    torch.cos,
    {"twice": scaled(torch.cos, 2.0), "sign": scaled(torch.cos, -1.0)},
    verdict="any",
)
add(
    "square in float16",
    "dtype",
    lambda x: x.square().sum(),
    numbers(0.5, 1.5, dtype=torch.float16),
    lambda x: 2 * x,
    {"sign": lambda x: -2 * x},
    verdict="any",
)
add(
    "bfloat16 inside",
    "dtype",
    lambda x: x.bfloat16().double().square().sum(),
    numbers(0.5, 1.3),
    lambda x: 2 * x,
    {"three times": lambda x: 6 * x},
    verdict="any",
)
add(
    "float32 inside one term",
    "dtype",
    lambda x: x.square().sum() + x.float().sin().sum().double(),
    numbers(0.4, 1.1),
    lambda x: 2 * x + x.cos(),
    {"term missing": lambda x: 2 * x},
)
add(
    "gradient rounded to float32",
    "dtype",
    lambda x: x.exp().sum(),
    numbers(0.3, 0.9),
    torch.exp,
    {"rounded": lambda x: x.float().exp().double()},
)
add(
    "softmax in float32",
    "dtype",
    lambda x: x.softmax(0)[0],
    numbers(1.0, 2.0, 0.5, dtype=torch.float32),
    None,
    {"no second term": lambda x: x.softmax(0) * numbers(1, 0, 0).float()},
)

# ------------------------------------------------------------------ noise


def fixed_point(x: Tensor) -> Tensor:
    """y = cos(y) / 2 + x, iterated to a tolerance."""
    y = torch.zeros_like(x)
    for _ in range(200):
        new = y.cos() / 2 + x
        if (new - y).abs().max() < 1e-9:
            break
        y = new
    return new.sum()


def fixed_point_gradient(x: Tensor) -> Tensor:
    y = torch.zeros_like(x)
    for _ in range(200):
        y = y.cos() / 2 + x
    return 1 / (1 + y.sin() / 2)


def newton_root(x: Tensor) -> Tensor:
    y = torch.ones_like(x)
    for _ in range(100):
        step = (y * y - x) / (2 * y)
        y = y - step
        if step.abs().max() < 1e-5:
            break
    return y.sum()


def quantized(x: Tensor) -> Tensor:
    return ((x * 2**20).round() / 2**20).square().sum()


add(
    "fixed point to 1e-9",
    "noise",
    fixed_point,
    numbers(0.3),
    fixed_point_gradient,
    {"not through the solution": constant(1.0)},
)
add(
    "Newton's root to 1e-5",
    "noise",
    newton_root,
    numbers(0.7, 1.9),
    lambda x: 0.5 / x.sqrt(),
    {"half": lambda x: 0.25 / x.sqrt()},
)
add(
    "staircase of treads 1e-6",
    "noise",
    quantized,
    numbers(0.3, 1.7),
    lambda x: 2 * x,
    {"zero": torch.zeros_like, "10 %": lambda x: 2.2 * x},
)
add(
    "trapezoids of an integral",
    "noise",
    lambda x: torch.trapezoid(torch.sin(x[0] * torch.linspace(0, 1, 101, dtype=D)), dx=0.01),
    numbers(1.3),
    None,
    {
        "1e-8": scaled(
            by_reverse_mode(
                lambda x: torch.trapezoid(
                    torch.sin(x[0] * torch.linspace(0, 1, 101, dtype=D)), dx=0.01
                )
            ),
            1 + 1e-8,
        )
    },
)
add(
    "cancellation",
    "noise",
    lambda x: ((1e8 + x) - 1e8).sin().sum(),
    numbers(0.4, 0.9),
    torch.cos,
    {"1 %": scaled(torch.cos, 1.01)},
)
add(
    "two-bit quantizer",
    "noise",
    lambda x: (x * 4).round().sum() / 4,
    numbers(0.3, 0.7),
    torch.zeros_like,
    {"straight through": torch.ones_like},
)
add(
    "noise of random numbers",
    "noise",
    lambda x: (x * torch.rand(3, dtype=D)).sum(),
    numbers(0.3, 0.7, 0.1),
    lambda x: x / x / 2,
    {},
    verdict="undecided",
)

# ------------------------------------------------------------------ ends of domains
add(
    "sqrt at zero",
    "domain",
    lambda x: x.sqrt().sum(),
    numbers(0.0, 1.0),
    constant(math.inf, 0.5),
    {},
    verdict="undecided",
)
add(
    "square root beside zero",
    "domain",
    lambda x: x.sqrt().sum(),
    numbers(1e-12, 4.0),
    lambda x: 0.5 / x.sqrt(),
    {"1e-6": scaled(lambda x: 0.5 / x.sqrt(), 1 + 1e-6)},
)
add(
    "x to the 3/2 at zero",
    "domain",
    lambda x: x.pow(1.5).sum(),
    numbers(0.0, 1.0),
    lambda x: 1.5 * x.sqrt(),
    {"1 at zero": constant(1.0, 1.5)},
)
add(
    "entropy beside zero",
    "domain",
    lambda x: -(x * x.log()).sum(),
    numbers(1e-6, 0.3),
    lambda x: -x.log() - 1,
    {"without the 1": lambda x: -x.log()},
)
add(
    "xlogy at zero",
    "domain",
    lambda x: torch.xlogy(x, x).sum(),
    numbers(0.0, 0.5),
    lambda x: x.log() + 1,
    {},
    verdict="undecided",
)
add(
    "acos at one",
    "domain",
    lambda x: (x.acos() ** 2).sum(),
    numbers(1.0, 0.2),
    lambda x: torch.where(x == 1, torch.full_like(x, -2.0), -2 * x.acos() / (1 - x * x).sqrt()),
    {"nan": by_reverse_mode(lambda x: (x.acos() ** 2).sum())},
)
add(
    "log beside zero",
    "domain",
    lambda x: x.log().sum(),
    numbers(1e-30, 2.0),
    lambda x: 1 / x,
    {"1e-9": scaled(lambda x: 1 / x, 1 + 1e-9)},
)
add(
    "pole near",
    "domain",
    lambda x: (1 / (x - 1)).sum(),
    numbers(1 + 1e-7),
    lambda x: -1 / (x - 1) ** 2,
    {"sign": lambda x: 1 / (x - 1) ** 2},
)
add(
    "Cholesky of a matrix",
    "domain",
    lambda x: torch.linalg.cholesky(x @ x.T + 0.1 * torch.eye(3, dtype=D)).diagonal().log().sum(),
    drawn(3, 3, seed=8),
    None,
    {
        "half": scaled(
            by_reverse_mode(
                lambda x: (
                    torch.linalg.cholesky(x @ x.T + 0.1 * torch.eye(3, dtype=D))
                    .diagonal()
                    .log()
                    .sum()
                )
            ),
            0.5,
        )
    },
)

# ------------------------------------------------------------------ truncation
add(
    "sin(1e4 x) beside x",
    "truncation",
    lambda x: (x + 1e-4 * (1e4 * x).sin()).sum(),
    numbers(0.3, 0.7),
    lambda x: 1 + (1e4 * x).cos(),
    {"mean slope": torch.ones_like},
)
add(
    "narrow bump",
    "truncation",
    lambda x: torch.exp(-(((x - 0.5) / 1e-5) ** 2)).sum(),
    numbers(0.5 + 3e-6),
    lambda x: -2 * (x - 0.5) / 1e-10 * torch.exp(-(((x - 0.5) / 1e-5) ** 2)),
    {"zero": torch.zeros_like},
)
add(
    "steep sigmoid",
    "truncation",
    lambda x: torch.sigmoid(1e7 * (x - 0.2)).sum(),
    numbers(0.2 + 1e-8),
    lambda x: 1e7 * torch.sigmoid(1e7 * (x - 0.2)) * torch.sigmoid(-1e7 * (x - 0.2)),
    {
        "1e-6": scaled(
            lambda x: 1e7 * torch.sigmoid(1e7 * (x - 0.2)) * torch.sigmoid(-1e7 * (x - 0.2)),
            1 + 1e-6,
        )
    },
)
add(
    "polynomial of degree 12",
    "truncation",
    lambda x: (x**12).sum(),
    numbers(1.1, -0.9),
    lambda x: 12 * x**11,
    {"1e-10": scaled(lambda x: 12 * x**11, 1 + 1e-10)},
)
add(
    "Runge's function",
    "truncation",
    lambda x: (1 / (1 + 2500 * x * x)).sum(),
    numbers(0.01, 0.3),
    lambda x: -5000 * x / (1 + 2500 * x * x) ** 2,
    {"1e-9": off(lambda x: -5000 * x / (1 + 2500 * x * x) ** 2, 0, 1 + 1e-9)},
)

# ------------------------------------------------------------------ smooth, subtle
add(
    "cumulative product with a zero",
    "smooth",
    lambda x: x.cumprod(0).sum(),
    numbers(0.5, 0.0, 2.0, 3.0),
    None,
    {"divided by zero": lambda x: x.cumprod(0).flip(0).cumsum(0).flip(0) / x},
)
add(
    "product with two zeros",
    "smooth",
    lambda x: x.prod(),
    numbers(0.0, 3.0, 0.0),
    torch.zeros_like,
    {"one": torch.ones_like},
)
add(
    "variance",
    "smooth",
    lambda x: x.var(),
    numbers(1.0, 2.0, 4.0),
    lambda x: 2 * (x - x.mean()) / (len(x) - 1),
    {"by n": lambda x: 2 * (x - x.mean()) / len(x)},
)
add(
    "layer norm",
    "smooth",
    lambda x: torch.nn.functional.layer_norm(x, (4,)),
    numbers(0.1, -0.4, 1.2, 0.7),
    None,
    {"mean not through": lambda x: torch.diag(1 / (x.var(correction=0) + 1e-5).sqrt().expand(4))},
)
add(
    "solve",
    "smooth",
    lambda x: torch.linalg.solve(x + 3 * torch.eye(3, dtype=D), torch.ones(3, dtype=D)).sum(),
    drawn(3, 3, seed=9),
    None,
    {
        "transposed": lambda x: (
            by_reverse_mode(
                lambda z: torch.linalg.solve(
                    z + 3 * torch.eye(3, dtype=D), torch.ones(3, dtype=D)
                ).sum()
            )(x).T
        )
    },
)
add(
    "smallest eigenvalue",
    "smooth",
    lambda x: torch.linalg.eigvalsh((x + x.T) / 2)[0],
    drawn(4, 4, seed=10),
    None,
    {"largest": by_reverse_mode(lambda x: torch.linalg.eigvalsh((x + x.T) / 2)[-1])},
)
add(
    "convolution",
    "smooth",
    lambda x: (
        torch.nn.functional.conv1d(x[None, None], numbers(1, -2, 0.5)[None, None]).square().sum()
    ),
    drawn(12, seed=11),
    None,
    {
        "shifted": lambda x: by_reverse_mode(
            lambda z: (
                torch.nn.functional.conv1d(z[None, None], numbers(1, -2, 0.5)[None, None])
                .square()
                .sum()
            )
        )(x).roll(1)
    },
)
add(
    "cross entropy",
    "smooth",
    lambda x: torch.nn.functional.cross_entropy(x, torch.tensor([2, 0])),
    drawn(2, 3, seed=12),
    lambda x: (x.softmax(1) - torch.eye(3, dtype=D)[[2, 0]]) / 2,
    {"sum for mean": lambda x: x.softmax(1) - torch.eye(3, dtype=D)[[2, 0]]},
)
add(
    "tanh far out",
    "smooth",
    lambda x: x.tanh().sum(),
    numbers(18.0, 15.0, 0.1),
    lambda x: 1 - x.tanh() ** 2,
    {"0.1 is off": off(lambda x: 1 - x.tanh() ** 2, 2, 1 + 1e-9)},
)
add(
    "constant",
    "smooth",
    lambda x: 0 * x.sum() + 3.0,
    numbers(1.0, 2.0),
    torch.zeros_like,
    {"one": torch.ones_like},
)
add(
    "where with a NaN branch",
    "smooth",
    lambda x: torch.where(x > 0, x.abs().log1p(), x).sum(),
    numbers(-2.0, 0.5),
    None,
    {"nan": constant(math.nan, 1 / 1.5)},
)
add(
    "norm of rows",
    "smooth",
    lambda x: x.norm(dim=1),
    drawn(3, 2, seed=13),
    None,
    {"squared": lambda x: 2 * by_reverse_mode(lambda z: z.norm(dim=1))(x)},
)
add(
    "scalar of shape ()",
    "smooth",
    lambda x: x.exp(),
    torch.tensor(0.7, dtype=D),
    torch.exp,
    {"1e-9": scaled(torch.exp, 1 + 1e-9)},
)
add(
    "gather with repeats",
    "smooth",
    lambda x: x[torch.tensor([0, 0, 2])].square().sum(),
    numbers(1.0, 2.0, 3.0),
    constant(4.0, 0.0, 6.0),
    {"once": constant(2.0, 0.0, 6.0)},
)
add(
    "attention",
    "smooth",
    lambda x: (x @ x.T / 2).softmax(1) @ x,
    drawn(3, 2, seed=14),
    None,
    {"1e-9": scaled(by_reverse_mode(lambda x: (x @ x.T / 2).softmax(1) @ x), 1 + 1e-9)},
)

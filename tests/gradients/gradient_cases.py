# ruff: noqa: E501 - one line a formula
"""Cases for a gradient checker: functions, points, right gradients, wrong gradients.

Each ``Case`` is a situation restated from a public report (``source``), written anew.
``function`` maps a tensor to a scalar or a tensor.  ``gradient`` is derived by hand:
for a scalar function it has the shape of the point, for a tensor function it is the
Jacobian of shape (*output, *point).  ``wrong`` is a gradient that a checker should
reject at that point, or None.  ``point()`` makes a fresh tensor at every call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]
D = torch.float64


@dataclass(frozen=True)
class Case:
    name: str
    function: Function
    point: Callable[[], Tensor]
    gradient: Function
    wrong: Function | None
    kink: bool  # a kink, jump, or singularity within 1e-5 of the point
    source: str
    theme: str  # kink | scale | dtype | noise | domain | truncation | smooth | plumbing | order2
    formula: str  # f, point, gradient, wrong gradient in one line
    error: str = ""  # what is wrong with ``wrong``
    raw: Function | None = None  # a differentiable callable to use instead (order 2, plumbing)
    order: int = 1
    passable: bool = True  # a perfect checker could pass the right gradient at this point


def const(values, dtype=D) -> Callable[[], Tensor]:
    return lambda: torch.tensor(values, dtype=dtype)


def spread(n: int, low: float, high: float, dtype=D) -> Callable[[], Tensor]:
    return lambda: torch.linspace(low, high, n, dtype=dtype)


def pseudo(*shape: int, seed: int = 1) -> Tensor:
    """Numbers in (-1, 1) from a generator of their own."""
    g = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, generator=g, dtype=D) * 2 - 1


CASES: list[Case] = []


def add(
    name,
    function,
    point,
    gradient,
    wrong=None,
    *,
    kink=False,
    source,
    theme,
    formula,
    error="",
    raw=None,
    order=1,
    passable=True,
) -> None:
    CASES.append(
        Case(
            name,
            function,
            point,
            gradient,
            wrong,
            kink,
            source,
            theme,
            formula,
            error,
            raw,
            order,
            passable,
        )
    )


def scaled(gradient: Function, error: float) -> Function:
    return lambda x: gradient(x) * (1 + error)


def put(gradient: Function, index, value) -> Function:
    def changed(x: Tensor) -> Tensor:
        g = gradient(x).clone()
        g[index] = value(g[index]) if callable(value) else value
        return g

    return changed


# ---------------------------------------------------------------- kinks
_w3 = torch.tensor([2.0, -3.0, 1.0], dtype=D)


def _relu(x):
    return (_w3 * x.clamp_min(0)).sum()


def _relu_g(x):
    return _w3 * (x > 0)


add(
    "relu_at_zero",
    _relu,
    const([0.0, 0.0, 1.5]),
    _relu_g,
    kink=True,
    theme="kink",
    source="pytorch/pytorch#114234",
    formula="f=sum(w*relu(x)), x=(0,0,1.5), g=w*[x>0]",
)
add(
    "relu_near",
    _relu,
    const([3e-7, -4e-7, 1.0]),
    _relu_g,
    put(_relu_g, 1, -3.0),
    kink=True,
    theme="kink",
    source="deeplearning4j/deeplearning4j#1280",
    formula="f=sum(w*relu(x)), x=(3e-7,-4e-7,1), g=w*[x>0], wrong: entry 1 = -3",
    error="other branch, 4e-7 from the kink",
)
add(
    "abs_near",
    lambda x: x.abs().sum(),
    const([2e-7, -1.0]),
    torch.sign,
    kink=True,
    theme="kink",
    source="JuliaDiff/FiniteDifferences.jl#129",
    formula="f=sum|x|, x=(2e-7,-1), g=sign(x)",
)
add(
    "max_tie_short",
    lambda x: x.amax(),
    const([1.0, 1.0, 1.0, 1.0, 0.2]),
    lambda x: (x == x.amax()).to(x) / (x == x.amax()).sum(),
    put(lambda x: (x == x.amax()).to(x) / (x == x.amax()).sum(), 3, 0.0),
    kink=True,
    theme="kink",
    source="kornia/kornia#4184",
    formula="f=max(x), x=(1,1,1,1,.2), g=(1/4)*4, wrong=(1/4,1/4,1/4,0,0)",
    error="sums to 3/4, so no subgradient, though every entry lies in [0,1]",
)
add(
    "max_near_tie",
    lambda x: x.amax(),
    lambda: torch.tensor([1.0, 1.0 + 5e-7, 0.2], dtype=D),
    lambda x: (x == x.amax()).to(x),
    kink=True,
    theme="kink",
    source="zplizzi/tensorflow-fast-rcnn#12",
    formula="f=max(x), x=(1,1+5e-7,.2), g=(0,1,0)",
)
add(
    "clamp_empty_range",
    lambda x: x.clamp(1, 1).sum(),
    const([0.0, 1.0, 2.0]),
    torch.zeros_like,
    lambda x: (x == 1).to(x),
    kink=False,
    theme="kink",
    source="pytorch/pytorch#94204",
    formula="f=sum(clamp(x,1,1)), x=(0,1,2), g=0, wrong=(0,1,0)",
    error="f is constant, yet entry 1 is 1 (torch does this)",
)
_samples = torch.tensor([0.0, 1.0, 3.0, 2.0, -1.0], dtype=D)


def _lerp(samples):
    def f(c):
        i = c.detach().floor().long().clamp(0, len(samples) - 2)
        return (samples[i] * (1 - (c - i)) + samples[i + 1] * (c - i)).sum()

    return f


def _lerp_g(samples):
    def g(c):
        i = c.detach().floor().long().clamp(0, len(samples) - 2)
        return samples[i + 1] - samples[i]

    return g


add(
    "interpolation_at_pixel",
    _lerp(_samples),
    const([1.0, 2.0, 0.5]),
    _lerp_g(_samples),
    kink=True,
    theme="kink",
    source="tensorflow/addons#2535",
    formula="f=sum of linear interpolation of (0,1,3,2,-1) at c=(1,2,.5), g=right-hand slopes (2,-1,1)",
)
_ws = torch.tensor([1.0, 5.0, -2.0], dtype=D)


def _sort_g(x):
    g = torch.empty_like(x)
    g[x.argsort()] = _ws
    return g


add(
    "sort_close",
    lambda x: (_ws * x.sort().values).sum(),
    lambda: torch.tensor([0.3, 0.3 + 1e-7, 0.9], dtype=D),
    _sort_g,
    kink=True,
    theme="kink",
    source="pytorch/pytorch#57166",
    formula="f=w.sort(x), x=(.3,.3+1e-7,.9), w=(1,5,-2), g=w in rank order",
)
add(
    "jump_floor",
    lambda x: x.floor().sum(),
    const([4.0, 1.8]),
    torch.zeros_like,
    kink=True,
    theme="kink",
    passable=False,
    source="tensorflow/tensorflow#60556",
    formula="f=sum(floor(x)), x=(4,1.8), g=0; f jumps at 4, so no gradient exists there",
)
_knots = torch.linspace(0.9999, 1.0001, 10001, dtype=D)
add(
    "dense_kinks",
    lambda x: (x[:, None] - _knots).clamp_min(0).mean(1).sum(),
    lambda: torch.tensor([1.0 + 3e-9, 0.5], dtype=D),
    lambda x: (x[:, None] > _knots).to(x).mean(1),
    kink=True,
    theme="kink",
    source="JuliaDiff/ChainRules.jl#284",
    formula="f=sum of mean relu(x-t_k) over 10001 knots 2e-8 apart, x=(1+3e-9,.5), g=share of knots below x",
)
add(
    "round_straight_through",
    lambda x: x.round().sum(),
    const([0.3, 1.2]),
    torch.zeros_like,
    torch.ones_like,
    theme="kink",
    source="JuliaDiff/ChainRulesTestUtils.jl#181",
    formula="f=sum(round(x)), x=(.3,1.2), g=0, wrong=1 (straight-through, wanted)",
    error="straight-through gradient: wrong by design",
)

add(
    "difference_of_kinks",
    lambda x: x[0].clamp_min(0) - x[1].clamp_min(0),
    const([0.0, 0.0]),
    lambda x: torch.tensor([1.0, 0.0], dtype=x.dtype),
    lambda x: torch.tensor([1.5, 0.0], dtype=x.dtype),
    kink=True,
    theme="kink",
    source="BVLC/caffe#1334",
    formula="f=relu(x0)-relu(x1), x=0, g=(1,0) (a limit of gradients), wrong=(1.5,0)",
    error="outside the hull of nearby gradients",
)

# ---------------------------------------------------------------- dtype
_lin84 = pseudo(84, seed=4).float()
add(
    "float32_inner_product",
    lambda x: (x * _lin84).sum(),
    lambda: pseudo(84, seed=5).float(),
    lambda x: _lin84.clone(),
    theme="dtype",
    source="PaddlePaddle/Paddle#4283",
    formula="f=w.x in float32, 84 entries, g=w",
)
add(
    "float32_inside",
    lambda x: x.float().sin().sum().to(x),
    const([0.5, 1.2]),
    torch.cos,
    theme="dtype",
    source="jax-ml/jax#641",
    formula="f=sum(sin(float32(x))) with float64 x=(.5,1.2), g=cos(x); the function drops to float32 inside",
)

# ---------------------------------------------------------------- scale
add(
    "large_input",
    lambda x: (3 * x).sum(),
    const([2e10, 1.0]),
    lambda x: torch.full_like(x, 3.0),
    theme="scale",
    source="pasteurlabs/tesseract-core#706",
    formula="f=sum(3x), x=(2e10,1), g=3; x+1e-6 == x for the first entry",
)
_a1000 = pseudo(1000, seed=9)
add(
    "sum_of_squares_1000",
    lambda x: ((x - _a1000) ** 2).sum(),
    spread(1000, 1, 1000),
    lambda x: 2 * (x - _a1000),
    theme="scale",
    source="stevengj/nlopt#328",
    formula="f=sum((x-a)^2), x=1..1000, g=2(x-a); f is 3e8, gradients start at 0.3",
)
_dec = 10.0 ** -torch.arange(12, dtype=D)
add(
    "zeroed_tail",
    lambda x: (_dec * x * x).sum(),
    lambda: torch.linspace(0.5, 1.5, 12, dtype=D),
    lambda x: 2 * _dec * x,
    put(lambda x: 2 * _dec * x, slice(6, None), 0.0),
    theme="scale",
    source="flexcompute/tidy3d#3123",
    formula="f=sum(10^-k x_k^2), k=0..11, g=2 10^-k x_k, wrong: zero from k=6 on",
    error="100 % in the six smallest entries",
)
add(
    "high_frequency",
    lambda x: (1e6 * x).sin().sum(),
    const([0.3, -0.2]),
    lambda x: 1e6 * (1e6 * x).cos(),
    theme="truncation",
    source="SauersML/gam#2461",
    formula="f=sum(sin(1e6 x)), x=(.3,-.2), g=1e6 cos(1e6 x); a step of 1e-6 sees sinc(1)=0.84",
)
add(
    "sqrt_near_edge",
    lambda x: (1 - x * x).sqrt().sum(),
    lambda: torch.tensor([1 - 1e-8, 0.3], dtype=D),
    lambda x: -x / (1 - x * x).sqrt(),
    theme="domain",
    source="JuliaStats/StatsFuns.jl#215",
    formula="f=sum(sqrt(1-x^2)), x=(1-1e-8,.3), g=-x/sqrt(1-x^2)",
)

# ---------------------------------------------------------------- noise and plumbing


def _bisect_root(x: Tensor) -> Tensor:
    low, high = torch.zeros_like(x), torch.full_like(x, 2.0)
    for _ in range(25):  # stops at 2/2^25 = 6e-8
        mid = (low + high) / 2
        up = mid * mid < x
        low, high = torch.where(up, mid, low), torch.where(up, high, mid)
    return ((low + high) / 2).sum()


add(
    "bisection",
    _bisect_root,
    const([0.7, 1.9]),
    lambda x: 0.5 / x.sqrt(),
    scaled(lambda x: 0.5 / x.sqrt(), 0.5),
    theme="noise",
    source="JuliaDiff/FiniteDifferences.jl#170",
    formula="f=sum of sqrt(x) by 25 bisections, x=(.7,1.9), g=1/(2 sqrt x), wrong=1.5 g; f is a staircase of treads 6e-8",
    error="50 %",
)
add(
    "dropout",
    lambda x: torch.nn.functional.dropout(x, 0.5).sum(),
    const([1.0] * 8),
    torch.ones_like,
    theme="noise",
    passable=False,
    source="pytorch/pytorch#114333",
    formula="f=sum(dropout(x,.5)), x=1 (8 entries), g=1 in the mean; f is no function",
)


def _mutates(x: Tensor) -> Tensor:
    x.mul_(3.0)
    return x.sum()


add(
    "writes_its_input",
    _mutates,
    const([0.4, 0.9]),
    lambda x: torch.full_like(x, 3.0),
    theme="plumbing",
    passable=False,
    source="pytorch/pytorch#97332",
    formula="f: x*=3 in place, then sum; x=(.4,.9), g=3; f changes its argument",
)
add(
    "empty_input",
    lambda x: x.sum(),
    lambda: torch.empty(0, dtype=D),
    torch.ones_like,
    theme="plumbing",
    source="pytorch/pytorch#190436",
    formula="f=sum(x), x=(), g=()",
)

# ---------------------------------------------------------------- smooth, with subtle errors
add(
    "exp_rel_1e-4",
    lambda x: x.exp().sum(),
    const([0.3, -0.7, 1.1, 2.0, -2.0]),
    torch.exp,
    scaled(torch.exp, 1e-4),
    theme="smooth",
    source="chainer/chainer#3541",
    formula="f=sum(exp x), g=exp x, wrong=(1+1e-4) g",
    error="relative 1e-4 everywhere",
)
for _e in (1e-6, 1e-9, 1e-11):
    add(
        f"exp_rel_{_e:.0e}",
        lambda x: x.exp().sum(),
        const([0.3, -0.7, 1.1, 2.0, -2.0]),
        torch.exp,
        scaled(torch.exp, _e),
        theme="smooth",
        source="EnzymeAD/Enzyme.jl#2724",
        formula=f"f=sum(exp x), g=exp x, wrong=(1+{_e:.0e}) g",
        error=f"relative {_e:.0e} everywhere",
    )
_c400 = pseudo(400, seed=11)
add(
    "one_of_400_by_1_percent",
    lambda x: (_c400 * x.sin()).sum(),
    lambda: pseudo(400, seed=12),
    lambda x: _c400 * x.cos(),
    put(lambda x: _c400 * x.cos(), 137, lambda v: 1.01 * v),
    theme="smooth",
    source="jax-ml/jax#3130",
    formula="as above, wrong: entry 137 off by 1 %",
    error="1 % in one entry of 400",
)


def _clip_rows(x: Tensor) -> Tensor:
    n = x.norm(dim=1, keepdim=True)
    return torch.where(n > 1, x / n, x)


def _clip_rows_jac(x: Tensor, projected: bool = True) -> Tensor:
    r, c = x.shape
    jac = torch.zeros(r, c, r, c, dtype=x.dtype)
    for i in range(r):
        n = x[i].norm()
        block = torch.eye(c, dtype=x.dtype)
        if n > 1:
            block = block / n
            if projected:
                block = block - torch.outer(x[i], x[i]) / n**3
        jac[i, :, i, :] = block
    return jac


add(
    "renorm_term_dropped",
    _clip_rows,
    lambda: 1.3 * pseudo(20, 3, seed=21),
    _clip_rows_jac,
    lambda x: _clip_rows_jac(x, False),
    theme="smooth",
    source="pytorch/pytorch#59615",
    formula="f=rows of X scaled to norm<=1 (20x3), J=(I-rr'/n^2)/n on long rows, wrong=I/n",
    error="projection term missing, most of the Jacobian is zero",
)


_sym = pseudo(4, 4, seed=31)
_near_sym = _sym + _sym.T + 1e-6 * (pseudo(4, 4, seed=32) - pseudo(4, 4, seed=32).T)
add(
    "transposed_nearly_symmetric",
    lambda x: (x * _near_sym).sum(),
    lambda: pseudo(4, 4, seed=33),
    lambda x: _near_sym.clone(),
    lambda x: _near_sym.T.clone(),
    theme="smooth",
    source="pytorch/pytorch#198017",
    formula="f=sum(X*C), C=symmetric+1e-6 skew (4x4), g=C, wrong=C'",
    error="transposed; relative 1e-6",
)


def _phi(x):
    return torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _cdf(x):
    return torch.erfc(-x / math.sqrt(2)) / 2


def _gelu_g(x):
    return _cdf(x) + x * _phi(x)


add(
    "gelu_tail_zeroed",
    lambda x: (x * _cdf(x)).sum(),
    const([-5.2, -6.0, 0.5]),
    _gelu_g,
    lambda x: torch.where(x < -5, torch.zeros_like(x), _gelu_g(x)),
    theme="smooth",
    source="jax-ml/jax#15588",
    formula="f=sum(x Phi(x)), x=(-5.2,-6,.5), g=Phi+x phi, wrong: 0 for x<-5",
    error="100 % for one class of inputs",
)
add(
    "branch_detached",
    lambda x: (x * x).sum() + 1e-6 * x.sin().sum(),
    const([0.5, 1.0]),
    lambda x: 2 * x + 1e-6 * x.cos(),
    lambda x: 2 * x,
    theme="smooth",
    source="pytorch/pytorch#128600",
    formula="f=sum(x^2)+1e-6 sum(sin x), g=2x+1e-6 cos x, wrong=2x",
    error="a small branch detached; relative 1e-6",
)


add(
    "where_nan",
    lambda x: torch.where(x < 1, x, x.clamp_min(0).sqrt()).sum(),
    const([0.5, 4.0]),
    lambda x: torch.where(x < 1, torch.ones_like(x), 0.5 / x.sqrt()),
    put(lambda x: torch.where(x < 1, torch.ones_like(x), 0.5 / x.sqrt()), 0, float("nan")),
    theme="smooth",
    source="jax-ml/jax#5798",
    formula="f=sum(where(x<1,x,sqrt x)), x=(.5,4), g=(1,1/4), wrong=(nan,1/4)",
    error="NaN from the branch not taken",
)
_B = torch.tensor(
    [[1.0, 0.3, 0.2, -0.5], [0.3, -0.7, 0.4, 0.1], [0.2, 0.4, 0.9, 0.6], [-0.5, 0.1, 0.6, 0.2]],
    dtype=D,
)


def _degenerate_point() -> Tensor:
    q = torch.linalg.qr(pseudo(4, 4, seed=61)).Q
    return q @ torch.diag(torch.tensor([0.5, 1.0, 3.0, 3.0], dtype=D)) @ q.T


def _top_two(x: Tensor) -> Tensor:
    vectors = torch.linalg.eigh((x + x.T) / 2).eigenvectors[:, 2:]
    return (vectors @ vectors.T * _B).sum()


def _top_two_g(x: Tensor) -> Tensor:
    values, u = torch.linalg.eigh((x + x.T) / 2)
    g = torch.zeros_like(x)
    for i in (2, 3):
        for j in (0, 1):
            c = (u[:, i] @ _B @ u[:, j]) / (values[i] - values[j])
            g += c * (torch.outer(u[:, i], u[:, j]) + torch.outer(u[:, j], u[:, i]))
    return g


add(
    "eigenprojector_degenerate",
    _top_two,
    _degenerate_point,
    _top_two_g,
    lambda x: torch.func.grad(_top_two)(x),
    theme="smooth",
    source="pytorch/pytorch#47599",
    formula="f=tr(P B), P projects on the two equal top eigenvalues 3,3 of (X+X')/2, g by the gap formula, wrong: autograd through eigenvectors",
    error="autograd divides by the gap of the equal eigenvalues",
)

# smooth controls, right gradients only
add(
    "control_logsumexp",
    lambda x: x.logsumexp(0),
    const([1000.0, 999.0, -5.0]),
    lambda x: x.softmax(0),
    theme="smooth",
    source="chainer/chainer#580",
    formula="f=logsumexp(x), x=(1000,999,-5), g=softmax(x)",
)
_W1, _W2 = pseudo(8, 5, seed=73), pseudo(8, seed=74)


add(
    "control_logdet",
    lambda x: torch.linalg.slogdet(x).logabsdet,
    lambda: pseudo(4, 4, seed=76) + 3 * torch.eye(4, dtype=D),
    lambda x: torch.linalg.inv(x).T,
    lambda x: torch.linalg.inv(x),
    theme="smooth",
    source="pytorch/pytorch#198017",
    formula="f=log|det X| (4x4), g=inv(X)', wrong=inv(X)",
    error="transposed",
)

# ---------------------------------------------------------------- second order: right first, wrong second


class _SavedIntermediate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.double = 2 * x  # an intermediate kept outside the graph
        return ctx.double**2

    @staticmethod
    def backward(ctx, v):
        return 4 * ctx.double * v


class _CubeBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, v):
        ctx.save_for_backward(x, v)
        return 3 * x * x * v

    @staticmethod
    def backward(ctx, u):
        x, v = ctx.saved_tensors
        return 6 * x * v * u * (1 + 1e-5), 3 * x * x * u


class _Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, v):
        return _CubeBackward.apply(ctx.saved_tensors[0], v)


add(
    "double_backward_saved_intermediate",
    lambda x: 8 * x,
    const([0.5, 1.2]),
    lambda x: torch.diag(torch.full_like(x, 8.0)),
    lambda x: torch.zeros(2, 2, dtype=x.dtype),
    theme="order2",
    order=2,
    raw=_SavedIntermediate.apply,
    source="pytorch/pytorch#58509",
    formula="y=4x^2 by a Function that keeps 2x on ctx; first derivative 8x right, second 8, wrong second 0",
    error="second derivative zero, first right",
)
add(
    "double_backward_rel_1e-5",
    lambda x: 3 * x * x,
    const([2.0, 3.0]),
    lambda x: torch.diag(6 * x),
    lambda x: torch.diag(6 * x * (1 + 1e-5)),
    theme="order2",
    order=2,
    raw=_Cube.apply,
    source="pytorch/pytorch#196701",
    formula="y=x^3, first 3x^2 right, second 6x, wrong second 6x(1+1e-5)",
    error="second derivative off by relative 1e-5, first right",
)


# ---------------------------------------------------------------- running a case through autograd


class _Custom(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, function, gradient):
        ctx.save_for_backward(x)
        ctx.gradient = gradient
        with torch.no_grad():
            return function(x.detach()).clone()

    @staticmethod
    def backward(ctx, v):
        (x,) = ctx.saved_tensors
        jac = ctx.gradient(x.detach()).to(v.dtype)
        return (v.reshape(-1) @ jac.reshape(v.numel(), -1)).reshape(x.shape), None, None


def differentiable(case: Case, gradient: Function) -> Function:
    """The case's function with ``gradient`` as its backward."""
    return lambda x: _Custom.apply(x, case.function, gradient)

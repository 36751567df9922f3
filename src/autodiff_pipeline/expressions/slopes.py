"""What SymPy is told of the grammar's functions: their slopes, and nothing else.

Most are only ever differentiated, never simplified and never evaluated.
"""

from collections.abc import Callable
from typing import Any

import sympy

LARGEST_EXPONENT = 64  # SymPy expands (2*x)**n to 2**n * x**n only up to here

X = sympy.Symbol("x")


def _function(name: str, *slopes: Callable[..., Any]) -> Any:
    """A SymPy function that is only ever differentiated: never simplified, never evaluated.

    ``slopes`` are its derivatives by each of its arguments.
    """

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return slopes[argindex - 1](*self.args)

    return type(name, (sympy.Function,), {"fdiff": fdiff})


class where(sympy.Function):  # type: ignore[misc]  # noqa: N801 (printed by its name)
    """The third argument where the first is less than the second, else the fourth."""

    def _eval_derivative(self, x: Any) -> Any:
        a, b, then, otherwise = self.args
        return where(a, b, then.diff(x), otherwise.diff(x))


def _density(u: Any) -> Any:
    return sympy.exp(-(u**2) / 2) / sympy.sqrt(2 * sympy.pi)


# A power whose exponent SymPy must not touch (it would expand (2*x)**n) and never contains x.
_power: Any = _function("power", lambda base, n: n * _power(base, n - 1))
_sigmoid: Any = _function("sigmoid", lambda u: _sigmoid(u) * (1 - _sigmoid(u)))
_step = _function("step", lambda u: sympy.S.Zero)
_sign = _function("sign", lambda u: sympy.S.Zero)
_erfcx: Any = _function("erfcx", lambda u: 2 * u * _erfcx(u) - 2 / sympy.sqrt(sympy.pi))
_erfinv: Any = _function("erfinv", lambda u: sympy.sqrt(sympy.pi) / 2 * sympy.exp(_erfinv(u) ** 2))
_i0: Any = _function("i0", lambda u: _i1(u))
_i1: Any = _function("i1", lambda u: _i0(u) - _i1(u) / u)
_i0e: Any = _function("i0e", lambda u: _i1e(u) - _sign(u) * _i0e(u))
_i1e: Any = _function("i1e", lambda u: _i0e(u) - _i1e(u) / u - _sign(u) * _i1e(u))
_log1p = _function("log1p", lambda u: 1 / (1 + u))
_ndtr: Any = _function("ndtr", _density)
_ndtri: Any = _function("ndtri", lambda u: 1 / _density(_ndtri(u)))
_polygamma: Any = _function(
    "polygamma", lambda n, u: sympy.S.Zero, lambda n, u: _polygamma(n + 1, u)
)
_lgamma = _function("lgamma", lambda u: _polygamma(sympy.S.Zero, u))
_sinc: Any = _function("sinc", lambda u: (sympy.cos(sympy.pi * u) - _sinc(u)) / u)

_zeta: Any = _function("zeta", lambda s, u: sympy.S.Zero, lambda s, u: -s * _zeta(s + 1, u))


def _gamma_density(a: Any, u: Any) -> Any:
    """Of the gamma distribution."""
    return power_of(u, a - 1) * sympy.exp(-u - _lgamma(a))


FUNCTIONS: dict[str, Any] = {
    "abs": _function("abs", lambda u: _sign(u)),
    "atan2": _function("atan2", lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)),
    "erfcx": _erfcx,
    "erfinv": _erfinv,
    "expm1": _function("expm1", sympy.exp),
    "gammainc": _function("gammainc", lambda a, u: sympy.S.Zero, _gamma_density),
    "gammaincc": _function(
        "gammaincc", lambda a, u: sympy.S.Zero, lambda a, u: -_gamma_density(a, u)
    ),
    "i0": _i0,
    "i0e": _i0e,
    "i1": _i1,
    "i1e": _i1e,
    "lgamma": _lgamma,
    "log1p": _log1p,
    "log_ndtr": _function("log_ndtr", lambda u: _density(u) / _ndtr(u)),
    "logaddexp": _function("logaddexp", lambda u, v: _sigmoid(u - v), lambda u, v: _sigmoid(v - u)),
    "ndtr": _ndtr,
    "ndtri": _ndtri,
    "polygamma": _polygamma,
    "relu": _function("relu", lambda u: _step(u)),
    "sigmoid": _sigmoid,
    "sign": _sign,
    "sinc": _sinc,
    "step": _step,
    "where": where,
    "xlog1py": _function("xlog1py", lambda u, v: _log1p(v), lambda u, v: u / (1 + v)),
    "xlogy": _function("xlogy", lambda u, v: sympy.log(v), lambda u, v: u / v),
    "zeta": _zeta,
    **{
        name: _function(name, lambda u: sympy.S.Zero)
        for name in ("ceil", "floor", "round", "trunc")
    },
    **{
        name: getattr(sympy, name)
        for name in (
            "acos acosh asin asinh atan atanh cos cosh erf erfc exp log sin sinh tan tanh"
        ).split()
    },
}
NAMES = {function: name for name, function in FUNCTIONS.items()} | {_power: "power"}


def power_of(base: Any, exponent: Any) -> Any:
    """``base`` to the power of ``exponent``, which SymPy expands only where it is small."""
    is_small = exponent.is_Rational and abs(exponent) <= LARGEST_EXPONENT
    return base**exponent if is_small or X in exponent.free_symbols else _power(base, exponent)

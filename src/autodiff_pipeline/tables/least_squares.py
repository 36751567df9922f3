"""Polynomials fitted by least squares, in closed form."""

import numpy
from numpy.polynomial import polynomial
from numpy.typing import ArrayLike, NDArray

Array = NDArray[numpy.float64]

DEGREES = {"straight_line": 1, "quadratic": 2}  # of the baselines


def least_squares(x: ArrayLike, y: ArrayLike, degree: int) -> Array:
    """Coefficients c0, c1, .. of the polynomial nearest to the points (n,): (degree + 1,)."""
    inputs = numpy.asarray(x, dtype=float)
    scale = numpy.abs(inputs).max() or 1.0
    powers = numpy.vander(inputs / scale, degree + 1, increasing=True)
    scaled = numpy.linalg.lstsq(powers, numpy.asarray(y, dtype=float))[0]
    coefficients: Array = scaled / scale ** numpy.arange(degree + 1)
    return coefficients


def value(coefficients: Array, x: ArrayLike) -> Array:
    """The polynomial at some x."""
    at: Array = polynomial.polyval(numpy.asarray(x, dtype=float), coefficients)
    return at


def loss(coefficients: Array, x: ArrayLike, y: ArrayLike) -> float:
    """The mean squared error of the polynomial on some points."""
    return float(numpy.square(value(coefficients, x) - numpy.asarray(y)).mean())

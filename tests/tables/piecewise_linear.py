"""The best continuous piecewise linear approximation of z^2 under the normal distribution.

Written for the tests without any of the package: closed moments of the normal distribution,
least squares in a basis of kinks, and free kinks by BFGS.
"""

import numpy
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri


def moments(low, high):
    """The integrals of 1, z, .. z^4 times the normal density from low to high."""

    def antiderivatives(t):
        inside = numpy.isfinite(t)
        z = numpy.where(inside, t, 0)
        density = numpy.where(inside, numpy.exp(-(z**2) / 2) / numpy.sqrt(2 * numpy.pi), 0)
        zeroth = ndtr(t)
        second = zeroth - z * density
        fourth = 3 * zeroth - (z**3 + 3 * z) * density
        return numpy.stack([zeroth, -density, second, -(z**2 + 2) * density, fourth])

    return antiderivatives(high) - antiderivatives(low)


def risk(kinks):
    """E[(f(z) - z^2)^2] of the best f that is linear between sorted kinks, and its gradient."""
    pieces = moments(numpy.r_[-numpy.inf, kinks], numpy.r_[kinks, numpy.inf])
    right = pieces[:, ::-1].cumsum(1)[:, ::-1]  # of each kink, and first of -infinity
    everywhere, right = right[:, 0], right[:, 1:]
    size = len(kinks) + 2  # the basis: 1, z, and (z - kink)+ for every kink
    gram, against = numpy.zeros((size, size)), numpy.zeros(size)
    gram[:2, :2] = [everywhere[:2], everywhere[1:3]]
    against[:2] = everywhere[2:4]
    for power in (0, 1):
        gram[power, 2:] = gram[2:, power] = right[power + 1] - kinks * right[power]
    against[2:] = right[3] - kinks * right[2]
    later = numpy.maximum.outer(numpy.arange(len(kinks)), numpy.arange(len(kinks)))
    both, product = numpy.add.outer(kinks, kinks), numpy.multiply.outer(kinks, kinks)
    gram[2:, 2:] = right[2][later] - both * right[1][later] + product * right[0][later]
    constant, slope, *bends = numpy.linalg.lstsq(gram, against, rcond=1e-15)[0]
    slopes = slope + numpy.r_[0, numpy.cumsum(bends)]
    constants = constant - numpy.r_[0, numpy.cumsum(bends * kinks)]
    terms = [constants**2, 2 * constants * slopes, slopes**2 - 2 * constants, -2 * slopes, 1]
    value = sum((term * piece).sum() for term, piece in zip(terms, pieces, strict=True))
    # The best f for given kinks stays best to first order: only (z - kink)+ moves with its kink.
    residual = constants * pieces[0] + slopes * pieces[1] - pieces[2]
    gradient = -2 * numpy.array(bends) * residual[::-1].cumsum()[::-1][1:]
    return value, gradient


def least_risk(kinks):
    """The least risk with so many kinks, from kinks as dense as the density to the power 1/5."""
    start = numpy.sqrt(5) * ndtri((numpy.arange(kinks) + 0.5) / max(kinks, 1))
    first, _ = risk(start)
    if not kinks:
        return first

    def relative(at):  # a risk near 1e-6 would end a search at once
        value, gradient = risk(numpy.sort(at))
        return value / first, gradient[numpy.argsort(numpy.argsort(at))] / first

    searches = (
        minimize(relative, scale * start, jac=True, method="BFGS", options={"gtol": 1e-7})
        for scale in (0.85, 0.95)
    )
    return first * min(search.fun for search in searches)

"""Equally spaced numbers, without torch: planning needs them too."""

from fractions import Fraction


def linear_grid(start: float, stop: float, count: int) -> list[float]:
    """``count`` equally spaced points from ``start`` to ``stop``, each correctly rounded."""
    if count == 1:
        return [start]
    width = Fraction(stop) - Fraction(start)
    return [float(Fraction(start) + width * i / (count - 1)) for i in range(count)]

"""Equally spaced numbers, without torch: planning needs them too."""

from fractions import Fraction


def linear_grid(start: float, stop: float, count: int) -> list[float]:
    """``count`` equally spaced points from ``start`` to ``stop``, each correctly rounded."""
    if count == 1:
        return [start]
    first, last, parts = Fraction(start), Fraction(stop), count - 1
    unit = max(first.denominator, last.denominator)  # powers of two
    a, b = int(first * unit), int(last * unit)
    # the quotient of two integers is correctly rounded, and costs far less than fractions
    return [(a * (parts - i) + b * i) / (unit * parts) for i in range(count)]

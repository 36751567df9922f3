"""How wrong are the derivatives of a function? One command prints the answer.

python -m autodiff_pipeline "x*tanh(log(1+exp(x)))" --at -20 9.02
"""

import argparse
import math
import sys
from collections.abc import Sequence
from typing import NoReturn

from autodiff_pipeline.expressions.grammar import ExpressionError, parse


class _Parser(argparse.ArgumentParser):
    """An argument parser that reports an error in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"autodiff-pipeline: {message}; see --help\n")


def main(arguments: Sequence[str]) -> str:
    """The table that the command prints.

    Raises SystemExit with one sentence for a mistake in the arguments.
    """
    parser = _Parser(
        prog="python -m autodiff_pipeline",
        description="Compare the derivative of a function, by every method and in every precision, "
        "with certified truth.",
        epilog='Example: python -m autodiff_pipeline "tanh(x)" --at 9.02 -20',
    )
    parser.add_argument("expression", help="a function of x, such as tanh(log(1+exp(x)))")
    parser.add_argument(
        "--at", nargs="+", type=_number, required=True, metavar="X", help="the points x"
    )
    parser.add_argument(
        "--order",
        type=int,
        choices=[1, 2, 3, 4],
        default=1,
        help="order of the derivative; 1 if not given",
    )
    # argparse takes a number such as -1e-5 for an option, unless a space precedes it.
    given = parser.parse_args([f" {word}" if _is_negative(word) else word for word in arguments])
    try:
        expression = parse(given.expression)
    except ExpressionError as error:
        sys.exit(f"autodiff-pipeline: {error}")
    # It imports torch, which takes time that a mistake should not cost.
    from autodiff_pipeline.derivatives.listing import listing

    return listing(expression, given.at, given.order)


def _is_negative(word: str) -> bool:
    try:
        return word.startswith("-") and math.isfinite(float(word))
    except ValueError:
        return False


def _number(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"'{word}' is not a finite number; give one such as 9.02")
    return number


if __name__ == "__main__":
    print(main(sys.argv[1:]))

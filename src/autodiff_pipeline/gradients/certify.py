"""Is my gradient right, here, and if not, where and why?"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from autodiff_pipeline.gradients.arguments import (
    Argument,
    Doubles,
    argument_of,
)
from autodiff_pipeline.gradients.causes import causes_of
from autodiff_pipeline.gradients.directions import swept
from autodiff_pipeline.gradients.evaluation import Evaluator, in_float64
from autodiff_pipeline.gradients.given import (
    Gradient,
    gradient_of,
    is_function,
    misused_upstream,
    reverse_mode,
)
from autodiff_pipeline.gradients.judge import INSIDE, OUTSIDE, UNKNOWN, Findings, judged
from autodiff_pipeline.gradients.report import Report, Verdict
from autodiff_pipeline.gradients.second_order import gradient_function
from autodiff_pipeline.gradients.summary import entries_of, kink_of, reach_of

ENTRYWISE = 1024  # entries up to which every one is looked at
ENTRYWISE_SINGLY = 64  # entries, where the function has to be evaluated one by one; and
ENTRYWISE_PAIRS = 4096  # pairs of entry and output
MIXTURES = 4  # of outputs, where there are more
SPOT_NUMBERS = 2**18  # entries of the point times those looked at one by one, about
SPOT_CHECKS = 16  # entries of a large point that are looked at one by one
FORMAT_ALLOWANCE = 2.0**15  # a format's epsilons that are wanted at best
COARSEST = 0.25
REPEATS = 4
NOISE_THAT_PASSES = 1e-6  # of the function's value, between calls, beyond which it is no function


def certify(
    function: Callable[[Any], Tensor],
    point: Any,
    gradient: Any = None,
    *,
    order: int = 1,
    wanted: float = 1e-6,
    seed: int = 0,
) -> Report:
    """Check a gradient against the slopes of its function, measured on both sides of a point.

    Args:
        function: from the point to one real tensor, of any shape. It must be pure: the same
            value for the same argument.
        point: a tensor; a pytree of tensors (dictionaries, lists, tuples), of which the floating
            and complex ones are differentiated; or an `nn.Module`, differentiated with respect
            to its parameters.
        gradient: a function of the point, or its value there. For a scalar function of the
            point's shape; for a tensor function the Jacobian, of shape (*output, *point); for a
            pytree or a module the same of every tensor, in the point's structure or by name.
            None: what is judged is reverse mode.
        order: 1, or 2 to judge the gradient and the gradient's gradient. Then `gradient` may
            also be the second derivative, of shape (*output, *point, *point).
        wanted: the relative error that has to be excluded before a gradient is called right.
            Formats with fewer bits than float64 are allowed 32,768 of their epsilons:
            0.004 in float32.
        seed: of the random directions and places looked at.

    Returns: a `Report`. Its verdict is "wrong" only if an entry lies outside of every slope the
        function may have there, kinks included; "right" only if all lie inside and the slopes
        are known as well as wanted; else "undecided".

    Raises: ValueError for arguments that cannot be meant: no floating tensor in the point, no
        tensor from the function, another order.
    """
    if order not in (1, 2):
        raise ValueError(f"order is {order}: it must be 1 or 2")
    if not wanted > 0:
        raise ValueError(f"wanted is {wanted}: it must be a relative error above 0, such as 1e-6")
    argument = argument_of(point)
    devices = [d for d in {leaf.device for leaf in argument.leaves} if d.type == "cuda"]
    with torch.random.fork_rng(devices=devices):
        if order == 1:
            return _first(Evaluator(function, argument), gradient, wanted, seed)
        return _second(function, argument, gradient, wanted, seed)


def _second(
    function: Callable[[Any], Tensor], argument: Argument, gradient: Any, wanted: float, seed: int
) -> Report:
    evaluator = Evaluator(function, argument)
    reverse = gradient_function(function, argument)
    own: Callable[[Any], Tensor] = reverse
    first: Any = None
    second: Any = None
    if gradient is not None:
        shape = (*evaluator.output_shape, *argument.leaves[0].shape)
        value = gradient
        if is_function(gradient):
            value = gradient(argument.rebuild(argument.tensors_at(argument.numbers)))
        twice = (*shape, *argument.leaves[0].shape)
        if isinstance(value, Tensor) and tuple(value.shape) == twice and value.dim() > 0:
            second = value.reshape(prod(shape), *argument.leaves[0].shape)
        elif is_function(gradient):
            first = gradient

            def own(value: Any) -> Tensor:
                found = gradient(value)
                if isinstance(found, dict):
                    found = [found[leaf.name] for leaf in argument.leaves]
                return torch.cat([t.reshape(-1) for t in tree_leaves(found)])
        else:
            raise ValueError(
                "order 2 needs the gradient as a function, or the second derivative of shape "
                f"{twice}"
            )
    before = _first(evaluator, first, wanted, seed)
    if before.verdict == "wrong":
        return before
    after = _first(Evaluator(own, argument), second, wanted, seed, derivative="second")
    return _both(before, after)


def _both(first: Report, second: Report) -> Report:
    worse = second if second.verdict != "right" or first.verdict == "right" else first
    return Report(
        verdict=worse.verdict,
        entries=worse.entries,
        resolution=max(first.resolution, second.resolution),
        evaluations=first.evaluations + second.evaluations,
        coverage=f"the gradient ({first.coverage}) and its own gradient ({second.coverage})",
        kink=min(first.kink, second.kink),
        reach=min(first.reach, second.reach),
        repeats=first.repeats and second.repeats,
        causes=worse.causes,
        remarks=tuple(dict.fromkeys(first.remarks + second.remarks)),
    )


def _first(
    evaluator: Evaluator, gradient: Any, wanted: float, seed: int, *, derivative: str = "first"
) -> Report:
    rng = np.random.default_rng(seed)
    judge = gradient_of(evaluator, gradient)
    jacobian = judge(evaluator.argument.numbers)
    if isinstance(jacobian, str):
        return _stopped(evaluator, "wrong", jacobian)
    if evaluator.argument.size == 0 or len(evaluator.value) == 0:
        return Report(
            "right",
            (),
            0.0,
            evaluator.evaluations,
            "an empty gradient",
            np.inf,
            np.inf,
            True,
            (),
            (),
        )
    remarks, repeats, blocked = _conduct(evaluator, rng)
    if not np.isfinite(evaluator.value).all():
        return _stopped(evaluator, "undecided", "the function is not finite at the point")
    if blocked:
        return _stopped(evaluator, "undecided", blocked, repeats=repeats)
    upstream = "" if gradient is not None else misused_upstream(evaluator, jacobian, rng)
    if not _same(judge(evaluator.argument.numbers), jacobian):
        remarks.append("the gradient does not repeat exactly")
    allowed = max(wanted, min(COARSEST, FORMAT_ALLOWANCE * _coarsest(evaluator)))
    value_only = gradient is not None and not is_function(gradient)
    reference = gradient_of(evaluator, None) if value_only else judge
    measured = in_float64(evaluator)
    looked = _looked(measured, jacobian, reference, allowed, rng)
    findings, coverage, unexplained, swept_to = looked
    allowed = max(allowed, min(1e-3, float(findings.floor.max(initial=0.0))))
    reached = float((findings.resolution / findings.scale).max(initial=swept_to))
    resolution = float((findings.resolution / findings.stated).max(initial=swept_to))
    verdict: Verdict = "right"
    if (findings.state == OUTSIDE).any() or upstream:
        verdict = "wrong"
    elif (
        (findings.state == UNKNOWN).any()
        or reached > allowed
        or unexplained
        or evaluator.argument_changed
    ):
        verdict = "undecided"
    if unexplained:
        remarks.append(
            "along some directions the gradient misses the slope though no single entry does: "
            "several entries have kinks at once"
        )
    entries = entries_of(evaluator, findings, allowed, verdict)
    causes = causes_of(evaluator.argument, findings, jacobian, _elsewhere(evaluator))
    if derivative == "second" and verdict == "wrong" and not jacobian.any():
        causes = ("the second derivative is lost: the gradient is a constant to autograd", *causes)
    return Report(
        verdict=verdict,
        entries=entries,
        resolution=resolution,
        evaluations=measured.evaluations,
        coverage=coverage,
        kink=kink_of(findings),
        reach=reach_of(findings),
        repeats=repeats,
        causes=((upstream,) if upstream else ()) + causes,
        remarks=tuple(remarks),
    )


def _coarsest(evaluator: Evaluator) -> float:
    return float(max(evaluator.argument.epsilon.max(initial=0.0), evaluator.output_epsilon))


def _stopped(evaluator: Evaluator, verdict: Verdict, why: str, *, repeats: bool = True) -> Report:
    return Report(
        verdict, (), np.inf, evaluator.evaluations, "nothing", np.inf, 0.0, repeats, (), (why,)
    )


def _conduct(evaluator: Evaluator, rng: np.random.Generator) -> tuple[list[str], bool, str]:
    """Does the function repeat, and leave its argument alone? Remarks, whether, what forbids."""
    argument = evaluator.argument
    remarks = []
    near = argument.numbers * (1 + 2.0**-20 * rng.uniform(-1, 1, argument.size))
    near += 2.0**-20 * np.where(argument.numbers == 0, rng.uniform(-1, 1, argument.size), 0)
    near = argument.rounded(near[None])[0]
    spread = 0.0
    for row in (argument.numbers, near):
        values = np.stack([evaluator.single(row) for _ in range(REPEATS)])
        with np.errstate(invalid="ignore"):
            apart = np.nan_to_num(np.ptp(values, axis=0), nan=0.0)
        evaluator.noise = np.maximum(evaluator.noise, 2 * apart)
        spread = max(spread, float((apart / np.maximum(np.abs(values).max(0), 1e-300)).max()))
    if evaluator.argument_changed:
        remarks.append("the function changes its argument: it writes into the tensor it is given")
    blocked = ""
    if spread > NOISE_THAT_PASSES:
        blocked = (
            f"the function does not repeat: two calls with the same argument differ by "
            f"{spread:.2g} of the value, so it has no gradient"
        )
    elif spread > 0:
        remarks.append(f"two calls of the function differ by {spread:.2g} of the value")
    return remarks, spread == 0, blocked


def _same(a: Doubles | str, b: Doubles) -> bool:
    return (
        not isinstance(a, str)
        and a.shape == b.shape
        and bool(((a == b) | (np.isnan(a) & np.isnan(b))).all())
    )


def _elsewhere(evaluator: Evaluator) -> Callable[[str], Doubles | None]:
    """Reverse mode of the function at other points."""
    moves = {"zero": 0.0, "the opposite point": -1.0, "twice the point": 2.0, "half the point": 0.5}

    def at(name: str) -> Doubles | None:
        found = reverse_mode(evaluator, moves[name] * evaluator.argument.numbers)
        return None if isinstance(found, str) else found

    return at


def _looked(
    evaluator: Evaluator,
    jacobian: Doubles,
    judge: Gradient,
    wanted: float,
    rng: np.random.Generator,
) -> tuple[Findings, str, int, float]:
    """All entries one by one, or directions over all and some one by one."""
    n, m = evaluator.argument.size, len(evaluator.value)
    mixed = ""
    if n * m > ENTRYWISE_PAIRS and m > MIXTURES:
        evaluator, jacobian, judge = _mixed(evaluator, jacobian, judge, rng)
        mixed = f" of {MIXTURES} random mixtures of the {m} outputs"
        m = MIXTURES
    if n <= (ENTRYWISE if evaluator.batches else ENTRYWISE_SINGLY):
        entries = np.arange(n)
        findings = judged(evaluator, jacobian, judge, entries, wanted=wanted, rng=rng)
        what = f"all {n} entries" if n > 1 else "the one entry"
        return findings, f"{what}{mixed or (f' of all {m} outputs' if m > 1 else '')}", 0, 0.0
    sweep = swept(evaluator, jacobian, rng)
    chosen = _spot_checks(jacobian, rng)
    entries = np.unique(np.concatenate([sweep.suspects, chosen]))
    findings = judged(evaluator, jacobian, judge, entries, wanted=wanted, rng=rng)
    followed = np.isin(entries, sweep.suspects)
    unexplained = sweep.unexplained
    if len(sweep.suspects) and (findings.state[followed] == INSIDE).all():
        unexplained += 1
    coverage = (
        f"all {n} entries together along random signed directions, and {len(entries)} one by "
        f"one{mixed}"
    )
    return findings, coverage, unexplained, sweep.resolution


def _spot_checks(jacobian: Doubles, rng: np.random.Generator) -> np.ndarray:
    """The smallest, the largest and random entries; fewer of a larger point."""
    size = np.abs(np.nan_to_num(jacobian, nan=np.inf)).max(0)
    order = np.argsort(size)
    quarter = int(np.clip(SPOT_NUMBERS // len(size), 1, SPOT_CHECKS)) // 4
    drawn = rng.integers(0, len(size), 2 * quarter + 1)
    return np.concatenate([order[:quarter], order[len(size) - quarter :], drawn])


def _mixed(
    evaluator: Evaluator, jacobian: Doubles, judge: Gradient, rng: np.random.Generator
) -> tuple[Evaluator, Doubles, Gradient]:
    """The same for a few random mixtures of many outputs."""
    m = len(evaluator.value)
    signs = rng.choice([-1.0, 1.0], (MIXTURES, m)) * rng.uniform(0.5, 1.0, (MIXTURES, m))
    function = evaluator.function

    def mixtures(value: Any) -> Tensor:
        out = function(value).reshape(-1).double()
        return torch.from_numpy(signs).to(out) @ out

    def mixed(row: Doubles) -> Doubles | str:
        found = judge(row)
        return found if isinstance(found, str) else np.asarray(signs @ found)

    return Evaluator(mixtures, evaluator.argument), np.asarray(signs @ jacobian), mixed

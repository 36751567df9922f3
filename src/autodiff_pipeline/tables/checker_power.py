"""How often every checker notices a wrong gradient, and how often it calls a right one wrong."""

from pandas import DataFrame

KEYS = "checker mutation delta".split()


def checker_power(verdicts: DataFrame) -> DataFrame:
    """Counts over trials, each of which is one function with a wrong and a right gradient.

    Args: verdicts, a row a trial and checker, with of_wrong and of_right, the verdict on either.
    Returns: checker, mutation, delta, trials, detected (wrong gradients called wrong),
    false_alarms (right gradients called wrong), undecided (about the wrong gradient),
    undecided_of_right, and told_apart (detected, in trials without a false alarm).
    """
    detected, false_alarm = (verdicts[of] == "wrong" for of in ("of_wrong", "of_right"))
    counted = verdicts[KEYS].assign(
        trials=1,
        detected=detected,
        false_alarms=false_alarm,
        undecided=verdicts["of_wrong"] == "undecided",
        undecided_of_right=verdicts["of_right"] == "undecided",
        told_apart=detected & ~false_alarm,
    )
    return counted.groupby(KEYS, sort=False).sum().reset_index()

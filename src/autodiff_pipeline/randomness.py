"""Random streams, each of which depends only on the root seed, a role and indices.

No stream depends on how many others there are or on the order in which they are used, so adding a
data set, an initialization or a hidden size leaves every existing number unchanged. Seeds are
derived with `numpy.random.SeedSequence`, whose spawn keys are made for this purpose.
"""

import numpy
import torch

# Positions are part of every result: append to them, never reorder.
ROLES = ("data", "initial", "points", "directions", "starts", "splits", "functions")
DTYPES = ("float16", "bfloat16", "float32", "float64")


def generator(root_seed: int, role: str, *indices: int) -> torch.Generator:
    """The CPU generator of one role and its indices, which no other role or indices share.

    Args: root_seed, non-negative; role, one of ROLES; indices, non-negative, such as
    ``generator(1, "data", data_seed)`` and
    ``generator(1, "initial", data_seed, init_seed, hidden_size)``.
    Raises ValueError for an unknown role.
    """
    key = (ROLES.index(role), *indices)
    sequence = numpy.random.SeedSequence(entropy=root_seed, spawn_key=key)
    seed = int(sequence.generate_state(1, numpy.uint64)[0])
    return torch.Generator().manual_seed(seed)


def points_generator(root_seed: int, function: str, dtype: str) -> torch.Generator:
    """The generator that draws the points at which a function is examined in a dtype of DTYPES."""
    return generator(root_seed, "points", DTYPES.index(dtype), *function.encode())

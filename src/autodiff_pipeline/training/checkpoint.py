"""Progress as named arrays: an interrupted training resumes from them with identical results."""

from collections.abc import Mapping
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils._pytree import tree_flatten, tree_unflatten

from autodiff_pipeline.training.history import Progress


def to_arrays(progress: Progress) -> dict[str, NDArray[Any]]:
    """The tensors and numbers of a Progress, in the order of its pytree."""
    leaves, _ = tree_flatten(progress)
    return {
        str(index): leaf.cpu().numpy() if isinstance(leaf, Tensor) else numpy.array(leaf)
        for index, leaf in enumerate(leaves)
    }


def from_arrays(arrays: Mapping[str, NDArray[Any]], like: Progress) -> Progress:
    """The inverse of `to_arrays`.

    Args: like, any Progress of the same training; it gives structure, dtypes and device.
    """
    leaves, structure = tree_flatten(like)

    def restored(index: int, leaf: Any) -> Any:
        array = arrays[str(index)]
        if isinstance(leaf, Tensor):
            return torch.tensor(array, dtype=leaf.dtype, device=leaf.device)
        return type(leaf)(array)

    progress: Progress = tree_unflatten(
        [restored(index, leaf) for index, leaf in enumerate(leaves)], structure
    )
    return progress

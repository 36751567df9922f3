"""Parameters of networks as named arrays, as they are stored."""

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray

from autodiff_pipeline.networks.network import Parameters

FINAL = [f"final_{name}" for name in Parameters._fields]


def final_parameters(arrays: Mapping[str, NDArray[Any]]) -> Parameters:
    """The final parameters among a training's arrays: w b v (networks, H) and c (networks,)."""
    return Parameters(*(torch.from_numpy(arrays[name]) for name in FINAL))

import numpy
import torch

from autodiff_pipeline.networks.arrays import final_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.history import History
from autodiff_pipeline.training.records import (
    history_frame,
    networks_frame,
    parameter_arrays,
)


def parameters(offset):
    """Distinct numbers for 2 data sets, 3 initializations, 4 hidden units."""
    wide = offset + torch.arange(24.0, dtype=torch.float64).reshape(2, 3, 4)
    return Parameters(
        wide, wide + 100, wide + 200, offset + torch.arange(6.0).double().reshape(2, 3)
    )


HISTORY = History(
    epochs=[0, 5],
    losses=torch.tensor([[[1.0, 2, 3], [4, 5, 6]], [[0.1, 0.2, 0.3], [torch.inf, 0.5, 0.6]]]),
    final=parameters(1000),
    diverged=torch.tensor([[-1, -1, -1], [4, -1, -1]]),
    measured=torch.arange(12.0).reshape(2, 2, 3),
)


def test_networks_are_rows_in_the_order_of_their_seeds():
    frame = networks_frame(HISTORY, [7, 8], [0, 1, 2])
    assert frame["data_seed"].tolist() == [7, 7, 7, 8, 8, 8]
    assert frame["init_seed"].tolist() == [0, 1, 2] * 2
    assert frame["status"].tolist() == ["trained"] * 3 + ["diverged"] + ["trained"] * 2
    assert frame["epochs"].tolist() == [5, 5, 5, 4, 5, 5]
    assert numpy.isinf(frame["train_loss"][3])


def test_history_has_a_row_a_network_and_epoch():
    frame = history_frame(HISTORY, [7, 8], [0, 1, 2])
    row = frame[(frame["data_seed"] == 8) & (frame["init_seed"] == 1)]
    assert row["epoch"].tolist() == [0, 5]
    assert row["loss"].tolist() == [5.0, 0.5]
    assert row["sharpness"].tolist() == [4.0, 10.0]
    assert len(frame) == 12


def test_arrays_hold_what_the_contract_says():
    arrays = parameter_arrays(parameters(0), parameters(1000), [7, 8], [0, 1, 2])
    assert set(arrays) == {"data_seed", "init_seed"} | {
        f"{stage}_{name}" for stage in ("initial", "final") for name in "wbvc"
    }
    assert arrays["initial_w"].shape == (6, 4)
    assert arrays["final_c"].tolist() == [1000, 1001, 1002, 1003, 1004, 1005]
    assert arrays["data_seed"].tolist() == [7, 7, 7, 8, 8, 8]
    network = final_parameters(arrays)
    assert torch.equal(network.w[4], parameters(1000).w[1, 1])

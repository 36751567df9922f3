"""The networks of one hidden size and optimizer, some in memory at a time."""

from archives import read_parts
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.records import final_parameters
from files import read_csv

AT_ONCE = 4096  # networks
NAMES = [f"final_{name}" for name in Parameters._fields]


def networks_and_parameters(networks_path, parameters_path):
    """Rows of networks.csv and the same networks' final parameters, in turn."""
    frames = read_csv(networks_path, rows=AT_ONCE)
    archives = read_parts(parameters_path, NAMES, AT_ONCE)
    for frame, arrays in zip(frames, archives, strict=True):
        yield frame, final_parameters(arrays)

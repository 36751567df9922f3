"""Find the best networks of every hidden size: of every data set, and of the truth."""

from job import start

say = start(snakemake)

import pandas
import torch

from autodiff_pipeline.network import ACTIVATIONS, Parameters
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.tables.best_networks import MORE_FOR_TRUTH, best_network, noise_free, starts
from autodiff_pipeline.tables.excess_risk import excess_risk
from files import read_csv, write_csv

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
truth = {name: settings[name] for name in ("true_model", "input_scale")}
root_seed = settings["root_seed"]
data_sets = [
    [torch.tensor(data_set[name].to_numpy()) for name in "xy"]
    for data_set in map(read_csv, snakemake.input.data)
]
sample = noise_free(**truth)


def risk_of(network):
    """The excess risk of one network."""
    one = Parameters(*(value[None] for value in network))
    return excess_risk(one, ACTIVATIONS["relu"], **truth).item()


rows = []
for hidden_size in settings["hidden_sizes"]:
    count = starts(hidden_size)
    stream = generator(root_seed, "starts", hidden_size)
    network, _ = best_network(*sample, hidden_size, MORE_FOR_TRUTH * count, stream)
    approximation = risk_of(network)
    for data_seed, (x, y) in enumerate(data_sets):
        stream = generator(root_seed, "starts", hidden_size, data_seed)
        network, loss = best_network(x, y, hidden_size, count, stream)
        rows.append(
            {
                "hidden_size": hidden_size,
                "data_seed": data_seed,
                "train_loss": loss.item(),
                "excess_risk": risk_of(network),
                "approximation": approximation,
            }
        )
    say(f"{hidden_size} hidden units: {count} starts on each data set")
write_csv(pandas.DataFrame(rows), snakemake.output[0])

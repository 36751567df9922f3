"""Compare all ways to the gradient of a network, and look for the kinks of every network."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import pandas
import torch

from autodiff_pipeline.data.data_set import data_set
from autodiff_pipeline.gradients.agreement.survey import STORED, agreement_survey
from autodiff_pipeline.gradients.kinks.survey import kink_profile, kink_survey
from autodiff_pipeline.networks.arrays import FINAL, final_parameters
from autodiff_pipeline.storage.arrays import read_rows_with_arrays
from autodiff_pipeline.storage.frames import read_csv, write_csv, write_groups
from autodiff_pipeline.storage.machine import keep_freed_memory

torch.set_num_threads(snakemake.threads)
keep_freed_memory()
inputs, outputs, settings = snakemake.input, snakemake.output, snakemake.params.settings
data_sets = [data_set(read_csv(path)) for path in inputs.data]
x, y = torch.stack([data.x for data in data_sets]), torch.stack([data.y for data in data_sets])
files = list(zip(settings["groups"], inputs.networks, inputs.parameters, strict=True))
first = [of_group for of_group in files if of_group[0][1] == settings["groups"][0][1]]

frames = []
for (hidden_size, _), table, archive in first:
    networks, arrays = next(read_rows_with_arrays(table, archive, STORED))
    frames.append(agreement_survey(networks, arrays, data_sets[0], **settings["agreement"]))
    frames[-1].insert(0, "hidden_size", hidden_size)
    say(f"{hidden_size} hidden units: {len(frames[-1])} comparisons")
write_csv(pandas.concat(frames), outputs.agreement)


def found(look, table, archive):
    """What there is to see at the networks of a group, some thousand at a time."""
    for networks, arrays in read_rows_with_arrays(table, archive, FINAL):
        yield look(networks, final_parameters(arrays), x, y, root_seed=settings["root_seed"])


if settings["kinks"]:
    write_groups(((group, found(kink_survey, *paths)) for group, *paths in files), outputs.kinks)
    profiles = ((group, [next(found(kink_profile, *paths))]) for group, *paths in first)
    write_groups(profiles, outputs.kink_profiles)

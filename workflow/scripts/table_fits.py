"""Tabulate the fitted curves of every hidden size and optimizer."""

from job import start

start(snakemake)

from autodiff_pipeline.network import ACTIVATIONS, Parameters
from autodiff_pipeline.tables.fits import fits
from autodiff_pipeline.training.records import final_parameters
from files import read_arrays, read_csv, write_groups

settings = dict(snakemake.params.settings)
groups = settings.pop("groups")
activation = ACTIVATIONS[settings.pop("activation")]


def trained(parameters_path, networks_path):
    """The final parameters of the networks of one group that did not diverge."""
    kept = (read_csv(networks_path)["status"] == "trained").to_numpy()
    return Parameters(*(value[kept] for value in final_parameters(read_arrays(parameters_path))))


write_groups(
    (
        fits(trained(*paths), activation, **settings)
        for paths in zip(snakemake.input.parameters, snakemake.input.networks, strict=True)
    ),
    groups,
    snakemake.output[0],
)

"""What all stages share: the checked experiment, and the code that a step depends on."""

import os
from pathlib import Path

import autodiff_pipeline
from autodiff_pipeline.config import ConfigurationError, read
from autodiff_pipeline.provenance import import_closure
from snakemake.exceptions import WorkflowError

try:
    EXPERIMENT = read(config).model_dump(mode="json")
except ConfigurationError as error:
    raise WorkflowError(str(error))

DATA_SEEDS = range(EXPERIMENT["data"]["seeds"])
OPTIMIZERS = {
    name: settings
    for name, settings in EXPERIMENT["training"]["optimizers"].items()
    if settings
}
HIDDEN_SIZES = EXPERIMENT["training"]["hidden_sizes"]
GROUPS = [(optimizer, size) for optimizer in OPTIMIZERS for size in HIDDEN_SIZES]

PACKAGE = Path(autodiff_pipeline.__file__).parent
SCRIPTS = Path(workflow.current_basedir) / ".." / "scripts"
MODULES = {path.stem: path for path in SCRIPTS.glob("*.py")} | {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    ): path
    for path in PACKAGE.rglob("*.py")
}
SOURCES = {name: path.read_text() for name, path in MODULES.items()}


def code(*names):
    """The files whose change reruns a step, being those named and all that they import.

    Names are modules, the script of the step and what the script itself picks by name.
    """
    imports = "\n".join(f"import {name}" for name in names)
    return [
        os.path.relpath(MODULES[name])
        for name in sorted(import_closure(imports, SOURCES))
    ]


def of_groups(name):
    """A file of every group of networks, in the order of GROUPS."""
    return [f"results/training/{o}/hidden_{h}/{name}" for o, h in GROUPS]

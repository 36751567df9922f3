"""What all stages share: the checked experiment, and the code that a step depends on."""

import os
import sys
from functools import cache
from pathlib import Path

import autodiff_pipeline
from autodiff_pipeline.configuration.document import mapping
from autodiff_pipeline.configuration.experiment import read
from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.costs import check_size
from autodiff_pipeline.provenance import import_closure, read_module
from snakemake.utils import update_config


def load(path):
    """Read a YAML file as data.

    Snakemake's own `configfile:` and `--configfile` run Python code in a file that says
    `__use_yte__: true`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not YAML: {error}")
    return mapping(text, str(path))


# The configuration in the folder that Snakemake runs in, else the workflow's own; over it, the
# overlay, and what else is given on the command line. As a module of another workflow, its own
# and what that one gives.
ROOT = Path(workflow.current_basedir).parents[1].resolve()
CONFIGURATION = Path("config.yaml")
IS_ANOTHERS = workflow.modifier.is_module or not CONFIGURATION.exists()
try:
    merged = load(ROOT / CONFIGURATION if IS_ANOTHERS else CONFIGURATION)
    given = dict(config)
    if overlay := given.pop("overlay", None):
        update_config(merged, load(Path(str(overlay))))
    update_config(merged, given)
    EXPERIMENT = check_size(read(merged))
except ConfigurationError as error:
    sys.exit(f"autodiff-pipeline: {error}" + ("" if str(error).endswith("?") else "."))

# Snakemake refuses a second run too, but may name the files that the first is at, and not the first.
if workflow.is_main_process and any(Path(".snakemake/locks").glob("*")):
    print(
        "autodiff-pipeline: another run is at work in this folder, or was killed in it; then give "
        "`snakemake --unlock`, and the next run --rerun-incomplete.",
        file=sys.stderr,
    )

RESULTS = Path("results")
if RESULTS.exists() and not (RESULTS.is_dir() and os.access(RESULTS, os.W_OK)):
    sys.exit(
        f"autodiff-pipeline: {RESULTS.resolve()} cannot be written; make it a folder of yours, "
        "or run in another with --directory."
    )


def plain(group, *names):
    """A group of the experiment, or those of its keys, as the builtins that params store."""
    return group.model_dump(mode="json", include=set(names) or None)


DATA_SEEDS = range(EXPERIMENT.data.seeds)
OPTIMIZERS = EXPERIMENT.training.optimizers.selected()
HIDDEN_SIZES = EXPERIMENT.training.hidden_sizes
SHARPNESS_OF = "gradient_descent"  # whose stability the sharpness decides
GROUPS = [(optimizer, size) for optimizer in OPTIMIZERS for size in HIDDEN_SIZES]

PACKAGE = Path(autodiff_pipeline.__file__).parent
SCRIPTS = ROOT / "workflow/scripts"
MODULES = {path.stem: path for path in SCRIPTS.glob("*.py")} | {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    ): path
    for path in PACKAGE.rglob("*.py")
}
del MODULES[autodiff_pipeline.__name__]  # the front door only forwards names
CODE = {name: read_module(path.read_text()) for name, path in MODULES.items()}


@cache
def code(*names):
    """What reruns a step when it changes: the code of the modules named and of all they import.

    Each module with a digest, as parameters of the step: as input files, their two dozen would be
    the files of a sweep of thousands of jobs many times over, and would have to lie where data
    lie. Names are modules, the script of the step and what the script itself picks by name.
    """
    return [
        f"{name} {CODE[name].digest}" for name in sorted(import_closure(names, CODE))
    ]


# A stable activation is picked by name; no other depends on the stable rules.
if EXPERIMENT.training.activation.startswith("stable_"):
    ACTIVATION_CODE = ["autodiff_pipeline.stable.activations"]
else:
    ACTIVATION_CODE = []


def batches(names, size):
    """The names in lists of a size, so that one more at the end changes one list."""
    for first in range(0, len(names), size):
        yield names[first : first + size]

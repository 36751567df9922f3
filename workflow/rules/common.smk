"""What all stages share: the checked experiment, and the code that a step depends on."""

import json
import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import autodiff_pipeline
from autodiff_pipeline.configuration.data import Measurements
from autodiff_pipeline.configuration.document import mapping, without_replaced
from autodiff_pipeline.configuration.experiment import read
from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.configuration.systems import check_installed
from autodiff_pipeline.costs.size import check_size
from autodiff_pipeline.data.measurements import (
    MeasurementsError,
    measurements,
    steady_scale,
)
from autodiff_pipeline.provenance import import_closure, read_module
from autodiff_pipeline.storage.machine import has_compiler
from autodiff_pipeline.storage.terminal import tell_in_lines
from snakemake.cli import parse_args
from snakemake.utils import update_config


def load(path):
    """Read a YAML file as data.

    Snakemake's own `configfile:` is not used: it runs Python code in a file that says
    `__use_yte__: true`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not YAML: {error}")
    return mapping(text, str(path))


def measured(data):
    """The rows of the file that is the data, or None where they are drawn."""
    if not isinstance(data, Measurements):
        return None
    try:
        content = Path(data.file).read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"configuration key 'data.file' is \"{data.file}\", which cannot be read: "
            f"{error.strerror}; give the path of a CSV file"
        )
    return measurements(content, data.file, data.x, data.y)


# The configuration is config.yaml in the folder that Snakemake runs in, or else the workflow's own;
# it is overridden by the overlay, and that by other values on the command line. As a module of
# another workflow, this workflow uses its own config.yaml and what the other one passes.
ROOT = Path(workflow.current_basedir).parents[1].resolve()
CONFIGURATION = Path("config.yaml")
IS_ANOTHERS = workflow.modifier.is_module or not CONFIGURATION.exists()
try:
    merged = load(ROOT / CONFIGURATION if IS_ANOTHERS else CONFIGURATION)
    given = dict(config)
    overlay = given.pop("overlay", None)
    for over in (load(Path(str(overlay))) if overlay else {}, given):
        merged = without_replaced(merged, over)
        update_config(merged, over)
    EXPERIMENT = read(merged)
    MEASURED = measured(EXPERIMENT.data)
    ROWS = len(MEASURED.x) if MEASURED else 0
    check_size(EXPERIMENT, ROWS)
    check_installed(
        EXPERIMENT.derivatives.systems,
        compiler=has_compiler(),
        jax=find_spec("jax") is not None,
    )
except (ConfigurationError, MeasurementsError) as error:
    sys.exit(f"autodiff-pipeline: {error}" + ("" if str(error).endswith("?") else "."))

# `snakemake plan` prints what a run would do, and starts nothing. It is no target of a rule, which
# would be one more job in a run that asks for --cores and holds the lock.
if workflow.is_main_process and "plan" in sys.argv[1:]:
    targets = parse_args(sys.argv[1:])[1].targets
    if "plan" in targets:
        others = [target for target in targets if target != "plan"]
        plan = [sys.executable, "-m", "autodiff_pipeline.plan", workflow.main_snakefile]
        sys.exit(subprocess.run([*plan, json.dumps(config), *others]).returncode)

# Snakemake refuses a second run too, but its message may only name files, not the other run.
if workflow.is_main_process and any(Path(".snakemake/locks").glob("*")):
    print(
        "autodiff-pipeline: another run is using this folder, or was killed in it; if it was "
        "killed, run `snakemake --unlock` and start again with --rerun-incomplete.",
        file=sys.stderr,
    )

# A line for each job begun or ended; with any of these options, what Snakemake says itself.
said = workflow.output_settings
if workflow.is_main_process and not (said.dryrun or said.verbose or said.quiet):
    tell_in_lines(workflow.logger_manager.logger)

RESULTS = Path("results")
if RESULTS.exists() and not (RESULTS.is_dir() and os.access(RESULTS, os.W_OK)):
    sys.exit(
        f"autodiff-pipeline: {RESULTS.resolve()} cannot be written; make it a folder that you may "
        "write to, or run in another one with --directory."
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
    """Digests of the named modules and of all that they import, as parameters of a step.

    So a step reruns when their code changes. As input files, two dozen modules would slow down the
    plan of a sweep of thousands of jobs, and they would have to be stored where the data are. Names
    are those of modules: the step's script, and what the script itself chooses by name.
    """
    return [
        f"{name} {CODE[name].digest}" for name in sorted(import_closure(names, CODE))
    ]


# A stable activation is chosen by name; the other activations do not depend on the stable rules.
if EXPERIMENT.training.activation.startswith("stable_"):
    ACTIVATION_CODE = ["autodiff_pipeline.stable.activations"]
else:
    ACTIVATION_CODE = []


def batches(names, size):
    """The names in lists of ``size``, so that a name added at the end changes only one list."""
    for first in range(0, len(names), size):
        yield names[first : first + size]


def named_batches(name, members, size):
    """Batches by name; from the second on, the name says which it is."""
    for number, batch in enumerate(batches(members, size), start=1):
        yield name if number == 1 else f"{name} {number}", batch


def block_of(wildcards):
    """The seeds of a training job: those of its block, or all of them."""
    if "block" not in wildcards.keys():
        return Block(*((0, seeds) for seeds in SEEDS))
    return CUT[wildcards.optimizer, int(wildcards.hidden_size)][int(wildcards.block)]


def sizes_of(wildcards):
    """The hidden sizes of a training job."""
    if "hidden_size" not in wildcards.keys():
        return TOGETHER
    return [int(wildcards.hidden_size)]


def module_of(figure):
    """The name of the module that draws a figure."""
    return EVERY_FIGURE[figure].get("module", figure)


def caption_of(module):
    """What the page and Snakemake's report say of the figures of a module."""
    source = MODULES[f"autodiff_pipeline.figures.{module}"].read_text("utf-8")
    return caption(source, is_measured=bool(MEASURED))


def title_of(figure):
    """The title of a figure: that of its module, and its part of it."""
    title = CAPTIONS[module_of(figure)].title
    return ": ".join(filter(None, [title, EVERY_FIGURE[figure].get("part")]))


def section_of(figure):
    """The name of a figure's section."""
    return SECTIONS[EVERY_FIGURE[figure]["section"]].name


def labels_of(figure, kind):
    """How Snakemake's report lists a file of a figure."""
    return {"figure": title_of(figure), "format": kind.upper()}


def definition_of(place):
    """The source of a definition, module:name within the package."""
    path, name = place.split(":")
    return definition(MODULES[f"autodiff_pipeline.{path}"].read_text("utf-8"), name)

"""What every rule file uses: the checked experiment, and the code that a step depends on."""

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

PACKAGE = Path(autodiff_pipeline.__file__).parent
SCRIPTS = Path(workflow.current_basedir) / ".." / "scripts"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
SOURCES = {name: path.read_text() for name, path in MODULES.items()}


def code(script, *modules):
    """The files whose change reruns a script: itself, its helpers and the modules it imports.

    Modules that the script picks by name are given by name.
    """
    own = [SCRIPTS / name for name in (script, "job.py", "files.py")]
    source = "\n".join([*(path.read_text() for path in own), *(f"import {m}" for m in modules)])
    imported = [MODULES[name] for name in sorted(import_closure(source, SOURCES))]
    return [os.path.relpath(path) for path in (*own, *imported)]


rule configuration:
    """The experiment as it was understood: defaults filled in, overlays merged."""
    input:
        code=code("configuration.py"),
    output:
        "results/config.yaml",
    log:
        "results/logs/configuration.log",
    params:
        settings=EXPERIMENT,
    localrule: True
    script:
        "../scripts/configuration.py"

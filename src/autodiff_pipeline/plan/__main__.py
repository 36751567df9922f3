"""Print what a run would do: `snakemake plan` calls this in a process of its own.

It builds Snakemake's graph of jobs as a dry run does, and starts none of them.
"""

import json
import logging
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from snakemake.api import SnakemakeApi
from snakemake.settings.enums import Quietness
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    ExecutionSettings,
    OutputSettings,
    ResourceSettings,
)

from autodiff_pipeline.costs.derivatives import derivatives_seconds, float32_seconds
from autodiff_pipeline.costs.training import training_seconds
from autodiff_pipeline.plan.reasons import Cause, reasons
from autodiff_pipeline.plan.screen import Job, screen


def jobs(snakefile: Path, config: dict[str, Any], targets: Sequence[str]) -> list[Job]:
    """All jobs of the workflow in this folder, with the reasons of those that would run.

    Args: config, what the command line adds to the configuration; targets, if not all.
    """
    quiet = OutputSettings(
        quiet={Quietness.RULES, Quietness.PROGRESS},  # which also ends a dry run at once
        log_level_override=logging.ERROR,
        enable_file_logging=False,
    )
    with SnakemakeApi(quiet) as api:
        workflow_api = api.workflow(
            ResourceSettings(cores=1), ConfigSettings(config=config), snakefile=snakefile
        )
        dag_api = workflow_api.dag(DAGSettings(targets=set(targets)))
        dag_api.execute_workflow("dryrun", execution_settings=ExecutionSettings(lock=False))
        return list(_jobs(workflow_api._workflow))


def _jobs(workflow: Any) -> Iterator[Job]:
    dag = workflow.dag
    needed = set(dag.needrun_jobs())
    order = {rule.name: place for place, rule in enumerate(workflow.rules)}
    with_files = [job for job in dag.jobs if job.output]
    for job in sorted(with_files, key=lambda job: (order[job.rule.name], job.output[0])):
        records = [record for path in job.output if (record := workflow.persistence.metadata(path))]
        spans = [r.endtime - r.starttime for r in records if r.starttime and r.endtime]
        # Snakemake stops at the first reason, and a job whose inputs are made anew has one.
        changes = workflow.persistence.params_changed(job)
        cause = _cause(dag.reason(job), changes, was_made=bool(records))
        script = job.format_wildcards(job.rule.script or "").split("/")[-1].removesuffix(".py")
        networks, guess = _costs(job, workflow.globals)
        yield Job(
            rule=job.rule.name,
            reasons=tuple(reasons(cause, script)) if job in needed else (),
            networks=networks,
            # What was measured with other settings says nothing about these.
            measured=None if cause.has_other_settings else max(spans, default=None),
            guess=guess,
        )


def _cause(reason: Any, changes: Any, was_made: bool) -> Cause:
    return Cause(
        is_missing=bool(reason.missing_output),
        was_made=was_made,
        is_incomplete=bool(reason.incomplete_output),
        is_forced=bool(reason.forced),
        script_changed=bool(reason.code_changed),
        inputs_changed=bool(reason.input_changed),
        newer=tuple(map(str, reason.updated_input)),
        before=frozenset(changes.only_old),
        now=frozenset(changes.only_new),
    )


def _costs(job: Any, known: dict[str, Any]) -> tuple[int, float | None]:
    """How many networks a job trains, and how long it takes according to the model of costs."""
    settings = job.params.get("settings") or {}
    if "sampled_dtypes" in settings:
        names = [name for name, _ in settings["functions"]]
        return 0, derivatives_seconds(known["EXPERIMENT"], names)
    if "ranks" in settings:
        low, high = settings["ranks"]
        return 0, float32_seconds(known["EXPERIMENT"], settings["name"], high - low)
    if "init_seeds" not in settings:
        return 0, None
    networks = math.prod(len(range(*settings[seeds])) for seeds in ("data_seeds", "init_seeds"))
    optimizer, hidden_sizes = job.wildcards.optimizer, settings["hidden_sizes"]
    return networks * len(hidden_sizes), training_seconds(
        known["EXPERIMENT"], optimizer, hidden_sizes, networks, known["ROWS"]
    )


if __name__ == "__main__":
    print(screen(jobs(Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:])))

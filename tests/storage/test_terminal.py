"""The terminal shows a line for each job begun and ended, and errors as Snakemake says them."""

import logging
from types import SimpleNamespace

from autodiff_pipeline.storage.terminal import tell_in_lines


def record(event, message="", level=logging.INFO, **said):
    made = logging.LogRecord("snakemake", level, "", 0, message, (), None)
    made.__dict__.update(said, event=event and SimpleNamespace(value=event))
    return made


def test_a_line_for_each_job_and_what_is_left(capsys):
    shown = []
    default = logging.Handler()
    default.name = "DefaultStreamHandler"
    default.emit = lambda made: shown.append(made.getMessage())
    logger = logging.Logger("snakemake of this test")
    logger.addHandler(default)
    tell_in_lines(logger)
    job = {"jobid": 7, "rule_msg": "Draw the\n  data sets", "rule_name": "data", "output": ["x"]}
    for made in (
        record("workflow_started", "paragraphs"),
        record("run_info", "the table of jobs", stats={"total": 3, "all": 1}),
        record(None, "Select jobs to execute..."),
        record("job_info", **job),
        record("job_finished", job_id=7),
        record("progress", done=1, total=3),
        record("job_info", jobid=0, rule_msg=None, rule_name="all", output=[]),
        record("job_finished", job_id=0),
        record("job_error", "what went wrong", logging.ERROR),
        record(None, "a warning", logging.WARNING),
        record(None, "Nothing to be done (all requested files are present and up to date)."),
    ):
        logger.handle(made)
    assert capsys.readouterr().err.splitlines() == [
        "begun  Draw the data sets",
        "ended  Draw the data sets (0 s, 1 job left)",
    ]
    assert [text.split(" (")[0] for text in shown] == [
        "the table of jobs",
        "what went wrong",
        "a warning",
        "Nothing to be done",
    ]

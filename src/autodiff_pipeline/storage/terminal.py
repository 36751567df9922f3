"""What the terminal shows of a run: a line for each job begun and one for each job ended."""

import logging
import re
import sys
import time
from typing import Any

# Of what executors of clusters say, the names under which they submitted jobs are of use.
_TOLD = re.compile(
    "Nothing to be done|Complete log|Removing output|Shutting down"
    "|Job .* submitted with|Submitted (group )?job"
)


class Lines(logging.Handler):
    """Writes a line for each job that begins or ends, with what is left, and errors in full.

    It takes the place of the handler that Snakemake writes to the terminal with. All that Snakemake
    would have said is in its own log, and what jobs print is in theirs.
    """

    def __init__(self, snakemakes: logging.Handler) -> None:
        """Take the place of a handler, which still formats errors and the table of jobs."""
        super().__init__(snakemakes.level)
        self.snakemakes = snakemakes
        self.left = 0
        self.begun: dict[int, tuple[str, float]] = {}  # by job with output: what, and since when

    def emit(self, record: logging.LogRecord) -> None:
        """Write what a record says, if it is for the terminal."""
        line = self.line(record)
        if line is None:
            self.snakemakes.handle(record)
        elif line:
            print(line, file=sys.stderr, flush=True)

    def line(self, record: logging.LogRecord) -> str | None:
        """The line of a record; empty where there is none, None where Snakemake's own is shown."""
        said: dict[str, Any] = vars(record)
        event = getattr(said.get("event"), "value", None)
        match event:
            case "run_info":
                self.left = int(said["stats"]["total"]) - int(said["stats"].get("all", 0))
                return None
            case "job_info":
                if not said["output"]:  # a rule that only collects files of others
                    return ""
                what = " ".join(str(said["rule_msg"] or said["rule_name"]).split())
                self.begun[said["jobid"]] = (what, time.monotonic())
                return f"begun  {what}"
            case "job_finished":
                if said["job_id"] not in self.begun:
                    return ""
                self.left -= 1
                what, since = self.begun.pop(said["job_id"])
                took = time.monotonic() - since
                jobs = f"{self.left:,} job{'s' * (self.left != 1)}"
                return f"ended  {what} ({took:.0f} s, {jobs} left)"
            case None:
                is_told = record.levelno > logging.INFO or bool(_TOLD.match(record.getMessage()))
                return None if is_told else ""
            case "job_error" | "group_error" | "error":
                return None
            case _:
                return ""


def tell_in_lines(logger: logging.Logger) -> None:
    """Let a logger of Snakemake's write lines to the terminal, where it would write paragraphs."""
    for handler in list(logger.handlers):
        if handler.name == "DefaultStreamHandler":
            logger.removeHandler(handler)
            logger.addHandler(Lines(handler))

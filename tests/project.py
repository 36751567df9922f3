"""A copy of the project on which tests run the real Snakemake, with a configuration of seconds."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
CONFIGURATION = yaml.safe_load((ROOT / "config.yaml").read_text())
SMALL = {
    "data": {"samples": 60, "seeds": 2},
    "derivatives": {
        "points": 11,
        "functions": {
            name: None for name in CONFIGURATION["derivatives"]["functions"] if name != "tanh"
        },
    },
    "minimization": {"epochs": 20},
    "training": {
        "hidden_sizes": [1, 3],
        "seeds": 2,
        "epochs": 30,
        "optimizers": {"momentum": None},
    },
}


@dataclass(frozen=True)
class Run:
    """What one call of Snakemake did."""

    code: int
    text: str

    @property
    def jobs(self):
        """How many jobs of each rule ran, or would run."""
        tables = re.findall(r"^job +count\n[- ]+\n(.*?)^total", self.text, re.MULTILINE | re.DOTALL)
        lines = tables[0].split("\n") if tables else []
        counts = dict(line.split() for line in lines if line)
        return {name: int(count) for name, count in counts.items() if name != "all"}


@dataclass(frozen=True)
class Project:
    """A copy of the project's sources with a small configuration."""

    root: Path
    small = SMALL

    def start(self, *arguments, overlay=SMALL, before=(), **options):
        """Start Snakemake with an overlay; nothing of this process's environment decides.

        ``before`` is a command that runs the rest of its arguments as a command.
        """
        (self.root / "small.yaml").write_text(yaml.safe_dump(overlay))
        settings = ("--config", "overlay=small.yaml", "--cores", "2")
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(
            [*before, sys.executable, "-m", "snakemake", *settings, *arguments],
            env={**os.environ, "PYTHONPATH": str(self.root / "src")},
            cwd=self.root,
            **output | options,
        )

    def snakemake(self, *arguments, **options):
        """Run Snakemake to its end; options as for `start`."""
        running = self.start(*arguments, **options)
        try:
            text, _ = running.communicate(timeout=600)
        finally:
            running.kill()
        return Run(running.returncode, text)

    def planned(self, overlay=SMALL):
        """What a run would do: rule -> number of jobs."""
        run = self.snakemake("--dry-run", overlay=overlay)
        assert run.code == 0, run.text
        return run.jobs

    def plan(self, overlay=SMALL):
        """What `snakemake plan` prints, in one line."""
        run = self.snakemake("plan", overlay=overlay)
        assert run.code == 0, run.text
        return " ".join(run.text.split())

    def logs(self):
        """All that jobs of training have printed."""
        folder = self.root / "results/logs/training"
        return "".join(path.read_text() for path in sorted(folder.rglob("*.log")))

    def edit(self, path, old, new):
        file = self.root / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def results(self):
        """The bytes of every result, logs aside."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted((self.root / "results").rglob("*"))
            if path.is_file() and "logs" not in path.parts
        }


def copy_sources(target):
    for name in ("src", "workflow", "Snakefile", "config.yaml"):
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, target / name, ignore=ignored)
        else:
            shutil.copy2(source, target / name)
    return Project(target)

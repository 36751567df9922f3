"""Which code made a result: versions of packages, and the commit."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (  # whose versions decide on digits or pictures
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "sympy",
    "python-flint",
    "matplotlib",
    "snakemake",
)


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that results depend on, by name."""
    found = {"Python": platform.python_version(), "processor": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit(root: Path) -> str | None:
    """The commit of a clone and whether it has been changed since; None where it is no clone."""
    if not (root / ".git").exists():
        return None
    try:
        head, changes = (
            subprocess.run(
                ["git", "-C", root, *command], capture_output=True, text=True, check=True
            ).stdout.strip()
            for command in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain"))
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{head} (with changes)" if changes else head

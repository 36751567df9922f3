"""Versions and the commit of what made a result."""

import subprocess

import torch

from autodiff_pipeline.storage.versions import commit, versions


def git(folder, *command):
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", folder, *identity, *command], check=True, capture_output=True)


def test_versions_are_those_in_use():
    assert versions()["torch"] == torch.__version__


def test_the_commit_of_a_clone_and_whether_it_was_changed(tmp_path):
    git(tmp_path, "init")
    file = tmp_path / "file"
    file.write_text("once")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "first")
    head = (tmp_path / ".git" / "refs" / "heads").rglob("*")
    full = next(path for path in head if path.is_file()).read_text()
    assert commit(tmp_path) == full[:12]
    file.write_text("again")
    assert commit(tmp_path) == f"{full[:12]} (with changes)"


def test_a_folder_that_is_no_clone_has_no_commit(tmp_path):
    assert commit(tmp_path) is None

"""The model, its schema and config.yaml say the same."""

import json
import re
from pathlib import Path
from typing import get_args

import yaml
from pydantic import BaseModel

from autodiff_pipeline.configuration.experiment import Experiment, read

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "config.yaml").read_text()


def test_the_file_is_read():
    assert read(yaml.safe_load(TEXT)).root_seed == 1


def test_schema_has_not_drifted():
    schema = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text())
    assert schema == Experiment.model_json_schema(), (
        "run: python -m autodiff_pipeline.configuration.experiment > "
        "workflow/schemas/config.schema.json"
    )


def described_keys(model, prefix=""):
    """Every key of the model with its description, by dotted path."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}", field.description
        candidates = (field.annotation, *getattr(field.annotation, "__args__", ()))
        for candidate in (get_args(each)[0] if get_args(each) else each for each in candidates):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                yield from described_keys(candidate, f"{prefix}{name}.")


def commented_keys(text):
    """Every key of a YAML text in block style with its comment, by dotted path."""
    path = []
    for line in text.splitlines():
        match = re.fullmatch(r"( *)(\w+):(.*?)(?: # (.*))?", line)
        if match:
            path[len(match[1]) // 2 :] = [match[2]]
            yield ".".join(path), match[4]


def test_every_key_of_the_file_is_commented_with_its_description():
    described = dict(described_keys(Experiment))
    commented = dict(commented_keys(TEXT))
    given = {
        path: comment
        for path, comment in commented.items()
        if not path.startswith("derivatives.functions.")
    }
    assert given == {path: described[path] for path in given}
    optimizers = yaml.safe_load(TEXT)["training"]["optimizers"]
    off = [f"training.optimizers.{name}." for name in optimizers if not optimizers[name]]
    of_file = ("data.file", "data.x", "data.y")
    optional = ("derivatives.functions.", *off, *of_file)
    required = {path for path in described if not path.startswith(optional)}
    assert required - set(given) == set()

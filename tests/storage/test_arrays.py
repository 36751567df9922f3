import numpy
import pandas
import pytest

from autodiff_pipeline.storage.arrays import (
    join_arrays,
    read_arrays,
    read_arrays_in_parts,
    read_rows_with_arrays,
    write_arrays,
)
from autodiff_pipeline.storage.checkpoints import Checkpoint
from autodiff_pipeline.storage.frames import write_csv

ARRAYS = {
    "seed": numpy.arange(7),
    "w": numpy.random.default_rng(2).normal(size=(7, 3)).T.copy().T,  # columns first in memory
    "c": numpy.array([0.0, -0.0, numpy.nan, numpy.inf, 5e-324, 1.0, 2.0]),
}


def test_arrays_read_back_to_the_bit(tmp_path):
    write_arrays(tmp_path / "a.npz", ARRAYS)
    read = read_arrays(tmp_path / "a.npz")
    assert {name: array.tobytes() for name, array in read.items()} == {
        name: numpy.ascontiguousarray(array).tobytes() for name, array in ARRAYS.items()
    }


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
def test_parts_one_after_the_other_are_the_whole(tmp_path, rows):
    write_arrays(tmp_path / "a.npz", ARRAYS)
    parts = list(read_arrays_in_parts(tmp_path / "a.npz", ["w", "c"], rows))
    assert all(len(part["w"]) <= rows for part in parts)
    for name in ("w", "c"):
        numpy.testing.assert_array_equal(
            numpy.concatenate([part[name] for part in parts]), ARRAYS[name]
        )


def test_joined_archives_are_the_archive_of_joined_arrays(tmp_path):
    for index, rows in enumerate([slice(0, 2), slice(2, 3), slice(3, 7)]):
        write_arrays(tmp_path / f"{index}.npz", {n: a[rows] for n, a in ARRAYS.items()})
    join_arrays([tmp_path / f"{index}.npz" for index in range(3)], tmp_path / "joined.npz")
    for name, array in read_arrays(tmp_path / "joined.npz").items():
        numpy.testing.assert_array_equal(array, ARRAYS[name])


def test_a_table_and_an_archive_are_read_together_or_refused(tmp_path):
    write_arrays(tmp_path / "a.npz", ARRAYS)
    write_csv(pandas.DataFrame({"seed": ARRAYS["seed"]}), tmp_path / "a.csv")
    for frame, arrays in read_rows_with_arrays(tmp_path / "a.csv", tmp_path / "a.npz", ["seed"], 2):
        numpy.testing.assert_array_equal(frame["seed"], arrays["seed"])
    write_csv(pandas.DataFrame({"seed": [1, 2]}), tmp_path / "short.csv")
    with pytest.raises(ValueError, match=r"longer|shorter"):
        list(read_rows_with_arrays(tmp_path / "short.csv", tmp_path / "a.npz", ["seed"], 2))


def test_a_checkpoint_serves_only_what_it_was_made_for(tmp_path):
    said = []
    checkpoint = Checkpoint(tmp_path / "job.npz", "fingerprint")
    assert checkpoint.read(said.append) is None
    assert said == []
    checkpoint.write({"0": numpy.arange(3)})
    assert checkpoint.read(said.append)["0"].tolist() == [0, 1, 2]
    assert Checkpoint(checkpoint.path, "another").read(said.append) is None
    assert "another configuration or code" in said[-1]
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-1])
    assert checkpoint.read(said.append) is None
    assert "truncated" in said[-1]
    checkpoint.remove()
    assert list(tmp_path.iterdir()) == []

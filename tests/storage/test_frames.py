import numpy
import pandas
import pytest

from autodiff_pipeline.storage import frames
from autodiff_pipeline.storage.frames import (
    join_csv,
    read_by_value,
    read_csv,
    read_csv_in_parts,
    read_groups,
    read_head,
    write_csv,
    write_groups,
)

AWKWARD = [0.1, 1 / 3, 5e-324, -0.0, 1.7976931348623157e308, numpy.inf, -numpy.inf, numpy.nan]


def test_every_float_reads_back_exactly(tmp_path):
    bits = numpy.random.default_rng(1).integers(0, 2**63, 2000, dtype=numpy.int64)
    drawn = bits.view(numpy.float64)
    frame = pandas.DataFrame({"x": [*AWKWARD, *drawn[numpy.isfinite(drawn)]]})
    write_csv(frame, tmp_path / "x.csv")
    back = read_csv(tmp_path / "x.csv")["x"].to_numpy()
    assert back.tobytes() == frame["x"].to_numpy().tobytes()


def test_words_read_back_as_words(tmp_path):
    frame = pandas.DataFrame({"kind": ["lost", "nan", "NA"], "truth": [1.0, numpy.nan, 2.0]})
    write_csv(frame, tmp_path / "x.csv")
    for back in (read_csv(tmp_path / "x.csv"), read_head(tmp_path / "x.csv")[0]):
        pandas.testing.assert_frame_equal(back, frame)


def test_parts_joined_are_the_whole(tmp_path):
    frame = pandas.DataFrame({"epoch": numpy.arange(10), "loss": numpy.linspace(0, 1, 10)})
    write_csv(frame, tmp_path / "whole.csv")
    parts = list(read_csv_in_parts(tmp_path / "whole.csv", 4))
    assert [len(part) for part in parts] == [4, 4, 2]
    pandas.testing.assert_frame_equal(pandas.concat(parts), frame)
    for index, part in enumerate(parts):
        write_csv(part, tmp_path / f"{index}.csv")
    join_csv([tmp_path / f"{index}.csv" for index in range(3)], tmp_path / "joined.csv")
    assert (tmp_path / "joined.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_rows_that_share_a_value_are_read_together(tmp_path, monkeypatch):
    frame = pandas.DataFrame({"epoch": [0, 1, 2] * 4, "loss": numpy.arange(12.0)})
    write_csv(frame, tmp_path / "history.csv")
    monkeypatch.setattr(frames, "LARGEST", 8)
    read = list(read_by_value(tmp_path / "history.csv", "epoch", rows_per_value=4))
    assert [sorted(set(part["epoch"])) for part in read] == [[0, 1], [2]]
    for part in read:
        expected = frame[frame["epoch"].isin(part["epoch"])]
        pandas.testing.assert_frame_equal(part, expected)


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_groups_are_whole_wherever_the_parts_end(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(frames, "AT_ONCE", at_once)
    tables = [
        ((5, "adam"), [pandas.DataFrame({"x": [1.0, 2.0]})]),
        ((5, "momentum"), [pandas.DataFrame({"x": [3.0]})] * 2),
    ]
    write_groups(tables, tmp_path / "all.csv")
    read = dict(read_groups(tmp_path / "all.csv"))
    assert {key: list(frame["x"]) for key, frame in read.items()} == {
        (5, "adam"): [1.0, 2.0],
        (5, "momentum"): [3.0, 3.0],
    }


def test_the_head_of_a_table_and_how_long_it_is(tmp_path):
    frame = pandas.DataFrame({"x": [0.1, 0.2, 0.3, 0.4, 0.5]})
    write_csv(frame, tmp_path / "t.csv")
    head, rows = read_head(tmp_path / "t.csv", 2)
    assert (head["x"].tolist(), rows) == ([0.1, 0.2], 5)
    write_csv(frame.iloc[:0], tmp_path / "empty.csv")
    head, rows = read_head(tmp_path / "empty.csv", 2)
    assert (list(head.columns), len(head), rows) == (["x"], 0, 0)

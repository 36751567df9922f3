"""A user's file is read to the last digit, or refused in one sentence that names the line."""

import statistics

import pytest
import torch

from autodiff_pipeline.data.measurements import MeasurementsError, measurements, steady_scale
from autodiff_pipeline.data.splitting import split
from autodiff_pipeline.minimization.descent import descents, trace
from autodiff_pipeline.minimization.problems import polynomial_problem
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.training import moments, optimizers
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.method import first_order

ROWS = [(f"{1990 + row}", f"{row}.5e-9") for row in range(20)]


def file(rows=ROWS, header="year,height", end="\n"):
    return end.join([header, *(",".join(row) for row in rows)]).encode()


def read(content, x="year", y="height"):
    return measurements(content, "mine.csv", x, y)


def changed(row, cells):
    """A file with one row exchanged; its line is row + 2."""
    return file([*ROWS[:row], cells, *ROWS[row + 1 :]])


def test_every_value_is_read_with_its_mean_and_standard_deviation():
    measured = read(file())
    assert list(measured.x) == [float(x) for x, _ in ROWS]
    assert list(measured.y) == [float(y) for _, y in ROWS]
    for values, column in zip((measured.x, measured.y), measured.columns, strict=True):
        assert column.mean == pytest.approx(statistics.fmean(values), rel=1e-15)
        assert column.standard_deviation == pytest.approx(statistics.pstdev(values), rel=1e-12)
        assert (column.smallest, column.largest) == (min(values), max(values))


def test_other_columns_spaces_blank_lines_and_marks_of_the_system_are_no_mistakes():
    rows = [("some text", f" {x} ", f'"{y}"') for x, y in ROWS]
    content = b"\xef\xbb\xbf" + file(rows, " station , year,height", "\r\n") + b"\r\n\r\n"
    assert read(content) == read(file())


REFUSED = [
    (b"", "mine.csv is empty: line 1 has to name the columns, as in year,height"),
    (b"\n  \n", "mine.csv is empty"),
    (b"year,height\n", "mine.csv has 0 rows of values, the last in line 1; give at least 10"),
    (file(ROWS[:9]), "mine.csv has 9 rows of values, the last in line 10; give at least 10"),
    (file(header="jahr,height"), "line 1 of mine.csv names no column 'year'; the columns there "
     "are 'jahr', 'height'"),
    (file(header="year;height"), "the columns there are 'year;height'"),
    (file(header="year,year"), "line 1 of mine.csv names the column 'year' 2 times; keep one"),
    (changed(3, ("1993", "")), "line 5 of mine.csv, column 'height': the value is missing"),
    (changed(3, ("1993", "NA")), "line 5 of mine.csv, column 'height': the value is missing"),
    (changed(0, ("spring", "1")), "line 2 of mine.csv, column 'year': 'spring' is not a number"),
    (changed(0, ("1_990", "1")), "'1_990' is not a number; give one such as 9.02"),
    (changed(19, ("2009", "-inf")), "line 21 of mine.csv, column 'height': '-inf' is not finite"),
    (changed(19, ("2009", "1e999")), "'1e999' is not finite; give a finite number"),
    (changed(5, ("1995",)), "line 7 of mine.csv has 1 cell, but its header names 2 columns"),
    (changed(5, ("1,995", "3")), "line 7 of mine.csv has 3 cells, but its header names 2 columns"),
    (changed(5, ('"open', "3")), "is not CSV"),
    (changed(5, ("\0", "3")), "line 7 of mine.csv"),
    (file()[:40] + b"\xe9" + file()[40:], "line 4 of mine.csv is not UTF-8 text"),
    (file([(x, "7") for x, _ in ROWS]), "column 'height' of mine.csv is 7 in every row"),
    (file([(str(int(x) % 2), y) for x, y in ROWS]), "column 'year' of mine.csv has 2 different"),
    (changed(0, ("1990", "1.7e308")), "give it in another unit"),
    (file([(x, f"{'-' * (int(x) % 2)}1.7e308") for x, _ in ROWS]), "give it in another unit"),
    (file([(x, f"{int(x) % 5}e-320") for x, _ in ROWS]), "give it in another unit"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), REFUSED)
def test_a_mistake_costs_one_sentence_that_names_the_line(content, said):
    with pytest.raises(MeasurementsError) as caught:
        read(content)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_split_has_every_row_once_and_standard_units():
    measured = read(file([*ROWS, ("2010", "4e-9")]))
    parts = split(generator(1, "splits", 0), measured)
    assert [len(part.x) for part in parts] == [16, 5]  # of 21 rows, a fifth rounded up
    x, y = (torch.cat([getattr(part, axis) for part in parts]) for axis in "xy")
    for values, given in ((x, measured.x), (y, measured.y)):
        assert abs(values.mean()) < 1e-12
        assert values.std(correction=0) == pytest.approx(1, rel=1e-12)
        line = torch.corrcoef(torch.stack([values.sort().values, torch.tensor(sorted(given))]))
        assert line[0, 1] == pytest.approx(1, rel=1e-12)
    pairs = {(float(a), float(b)) for a, b in zip(x, y, strict=True)}
    assert len(pairs) == 21


def test_the_unit_of_a_column_changes_nothing_but_rounding():
    in_metres = read(file())
    in_nanometres = read(file([(x, y.replace("e-9", "")) for x, y in ROWS]))
    for one, other in zip(
        *(split(generator(1, "splits", 3), measured) for measured in (in_metres, in_nanometres)),
        strict=True,
    ):
        assert torch.equal(one.x, other.x)
        torch.testing.assert_close(one.y, other.y, rtol=1e-12, atol=1e-12)


def loss_left(x, y, epochs=300):
    """The share of the variance of y that plain gradient descent leaves, in the middle network."""
    gradient = moments.batched_gradient(x[None], y[None], "by_hand")
    method = first_order(gradient, optimizers.gradient_descent(learning_rate=0.01))
    start = initial_parameters(1, [0], range(9), hidden_size=10)
    return float(train(method, start, epochs).losses[-1].median() / y.var(correction=0))


def test_only_in_standard_units_does_gradient_descent_learn_from_years_and_nanometres():
    year = 1990 + torch.linspace(0, 30, 60, dtype=torch.float64)
    height = 1e-9 * torch.sin((year - 1990) / 10)
    rows = [(repr(float(x)), repr(float(y))) for x, y in zip(year, height, strict=True)]
    parts = split(generator(1, "splits", 0), read(file(rows)))
    assert loss_left(*parts.training[:2]) < 0.6
    assert not loss_left(year, height / 1e-9) < 1e3
    assert loss_left((year - 2005) / 10, height) > 0.9


@pytest.mark.parametrize("far", [1.0, 1e3, 1e9])
def test_a_quadratic_is_fitted_by_steady_steps_however_far_out_some_rows_lie(far):
    rows = [(str(x), str(x % 3)) for x in [*range(20), far * 21]]
    measured = read(file(rows))
    for seed in range(5):
        training = split(generator(1, "splits", seed), measured).training
        problem, _ = polynomial_problem(training, steady_scale(measured))
        (stretch,) = descents(problem, learning_rate=0.1, epochs=300)
        losses = trace(problem, stretch, epochs=300).query("quantity == 'loss'")
        assert (losses["automatic"].diff()[1:] <= 1e-12).all()

import pandas
import pytest

INTERVAL = [9.01, 9.012]
FLOAT32_INSIDE = 2097


@pytest.mark.workflow
def test_every_float32_of_a_small_interval(sources):
    derivatives = {"dtypes": ["float32"], "orders": [1], "points": 5, "samples": 10}
    functions = dict.fromkeys(sources.small["derivatives"]["functions"])
    functions["tanh"] = {"expression": "tanh(x)", "interval": INTERVAL, "range": None}
    overlay = {"derivatives": {**derivatives, "exhaustive": True, "functions": functions}}
    run = sources.snakemake("--", "results/tables/derivative_accuracy.csv", overlay=overlay)
    assert run.code == 0, run.text
    table = pandas.read_csv(sources.root / "results/tables/derivative_accuracy.csv")
    rows = table[table["function"] == "torch.tanh"].set_index("method")
    assert set(rows["points"]) == {0, FLOAT32_INSIDE}
    assert rows.loc["reverse_mode", "first_lost_x"] == pytest.approx(9.01084, abs=1e-5)

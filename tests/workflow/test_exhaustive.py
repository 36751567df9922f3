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
    tables = [f"results/tables/derivative_{name}.csv" for name in ("accuracy", "exhaustive")]
    run = sources.snakemake("--", *tables, overlay=overlay)
    assert run.code == 0, run.text
    configured, published = (pandas.read_csv(sources.root / table) for table in tables)
    rows = configured[configured["function"] == "torch.tanh"].set_index("method")
    assert set(rows["points"]) == {0, FLOAT32_INSIDE}
    assert rows.loc["reverse_mode", "first_lost_x"] == pytest.approx(9.01084, abs=1e-5)

    ways = published[["function", "order", "method"]].to_numpy().tolist()
    automatic = [["tanh", 1, "reverse_mode"], ["tanh", 1, "forward_mode"]]
    assert ways == [*automatic, ["tanh", 1, "stable"], ["tanh", 2, "stable"]]
    assert set(published["points"]) == {FLOAT32_INSIDE}
    same = ["points", "max_ulp_error", "median_ulp_error", "worst_x", "lost_points"]
    assert published[same].iloc[0].tolist() == rows.loc["reverse_mode", same].tolist()

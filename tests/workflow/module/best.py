"""Name the hidden size and optimizer of the smallest median excess risk."""

from pathlib import Path

import pandas

summary = pandas.read_csv(snakemake.input.summary)
best = summary.loc[summary["median"].idxmin()]
Path(snakemake.output[0]).write_text(f"{best['hidden_size']} hidden units by {best['optimizer']}\n")

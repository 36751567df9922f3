"""Compare tables with the published ones."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import pandas

from autodiff_pipeline.storage.frames import read_csv, write_csv
from autodiff_pipeline.verification.comparison import compared

rows = [
    compared(name, read_csv(snakemake.input[name]), read_csv(published))
    for name, published in snakemake.params.published.items()
]
for row in rows:
    say(
        "{table}: {verdict}, {identical} of {values} values in {rows} rows; {only_here} rows only "
        "here, {only_published} only published".format(**row)
    )
write_csv(pandas.DataFrame(rows), snakemake.output[0])

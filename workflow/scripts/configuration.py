"""Write the resolved configuration."""

from job import start

start(snakemake)

import yaml

from files import whole

with whole(snakemake.output[0]) as path:
    path.write_text(yaml.safe_dump(snakemake.params.settings, sort_keys=False))

"""Write the resolved configuration."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import yaml

from autodiff_pipeline.storage.files import whole

with whole(snakemake.output[0]) as path:
    path.write_text(yaml.safe_dump(snakemake.params.settings, sort_keys=False))

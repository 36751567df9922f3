"""What a run would do, why, and for how long: `snakemake plan`."""

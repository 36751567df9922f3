"""Tidy frames in, summary frames out: the tables of the pipeline."""

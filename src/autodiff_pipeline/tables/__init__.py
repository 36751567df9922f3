"""The tables of the pipeline, each a function from tidy frames to a summary frame."""

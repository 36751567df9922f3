"""One module a figure: frames in, a matplotlib Figure out."""

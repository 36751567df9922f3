"""One module per figure: it takes frames and returns a matplotlib Figure."""

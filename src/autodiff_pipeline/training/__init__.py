"""Training many networks at once, by stateless iterations written by hand."""

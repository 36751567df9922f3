"""Training by hand: stateless iterations of many networks at once."""

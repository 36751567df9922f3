"""The experiment: its keys, their values, and mistakes in them."""

"""Data sets: noisy samples of a true model, or parts of a user's own measurements."""

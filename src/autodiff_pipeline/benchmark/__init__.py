"""The benchmark of our engines and their peers."""

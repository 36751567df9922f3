"""The derivative atlas: derivatives compared with certified truth, in units in the last place."""

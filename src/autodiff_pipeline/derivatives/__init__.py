"""The derivative atlas: every derivative against certified truth, in units in the last place."""

"""Floating-point numbers: formats, ranks, rounding and units in the last place."""

"""The distribution of the inputs: x = input_scale * N(0, 1)."""

INPUT_RANGE = 8.0  # standard deviations of x over which a true model has to be defined

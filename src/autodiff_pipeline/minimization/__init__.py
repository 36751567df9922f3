"""One problem minimized by gradients that are computed in different ways.

All runs are the same few lines of gradient descent from the same start, and differ only in the
function that computes the gradient, or in the precision. So their results differ only by rounding,
which grows where the descent is unstable, and where a kink passes a data point in one run and not
in the other: there the gradient jumps.
"""

"""Finite differences through the kinks of ReLU networks, for many networks at once.

`networks` is what they all are; `stencil` finds how far the nearest kink is along a direction, and
what a finite difference makes of it; `gradcheck` predicts where `torch.autograd.gradcheck` raises a
false alarm; `survey` puts it in a table.
"""

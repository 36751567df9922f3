"""Gradients of networks: hand-derived, and by every method that can be held against them."""

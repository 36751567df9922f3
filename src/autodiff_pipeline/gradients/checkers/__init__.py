"""Checkers of gradients, a module each: what is in use elsewhere, and `certify`, beside each other.

Each takes a claim, which is a function, a point and the gradient that somebody says it has there,
and answers right, wrong or undecided.
"""

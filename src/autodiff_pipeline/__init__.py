"""Derivatives held against certified truth, and networks trained on them by hand."""

"""Certified derivatives: the truth that everything else is held against."""

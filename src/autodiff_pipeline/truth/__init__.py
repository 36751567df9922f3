"""Certified derivatives: the truth with which everything else is compared."""

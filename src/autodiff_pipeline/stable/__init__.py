"""Activations whose derivatives keep their digits everywhere."""

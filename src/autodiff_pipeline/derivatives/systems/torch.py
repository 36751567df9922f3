"""Eager torch, by every method."""

from autodiff_pipeline.derivatives.methods.registry import METHODS, derivative
from autodiff_pipeline.derivatives.subject import subjects_of as forms

__all__ = ["METHODS", "derivative", "forms"]

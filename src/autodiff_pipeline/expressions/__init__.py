"""Expressions in x: parsed as data, evaluated in any arithmetic, never executed."""

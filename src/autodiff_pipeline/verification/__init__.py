"""Results held against published ones."""

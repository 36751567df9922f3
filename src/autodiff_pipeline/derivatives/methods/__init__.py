"""The methods of differentiation, one module per family; `registry` lists them all."""

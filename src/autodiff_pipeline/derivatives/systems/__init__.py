"""The systems whose derivatives are examined, one module each; `registry` chooses by name."""

"""Finding and reading the answer of a completion."""

"""The conformance matrix: the same bits on every library, version and Python. `nox -s conformance` runs it."""

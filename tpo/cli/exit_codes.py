"""The exit codes of the command line, besides 0."""

FAILED = 1
"""Something could not be read or written, or nobody expected the error."""

DIVERGED = 1
"""A run became NaN or infinite."""

LAW_BROKEN = 1
"""A loss breaks a law."""

FAULT = 1
"""A check of rollouts, or of an installation, found a fault."""

REFUSED = 1
"""The adapter of a trainer would refuse its settings."""

BAD_INPUT = 2

INTERRUPTED = 130
"""A Ctrl-C came: the number that shells give."""

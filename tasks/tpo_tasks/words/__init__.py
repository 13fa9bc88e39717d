"""A small language model on word problems: it writes solutions, and is paid for right answers."""

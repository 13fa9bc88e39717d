"""A small language model on word problems: it writes solutions, and is rewarded for right answers."""

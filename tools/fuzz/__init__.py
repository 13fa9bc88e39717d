"""Fuzzing of command lines and stored files: each must end with a one-line error, or without one, in time."""

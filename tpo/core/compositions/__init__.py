"""Algorithms that wrap another algorithm and add one thing to it. They nest."""

"""Algorithms made of another algorithm. Each adds one thing to any other, and they nest."""

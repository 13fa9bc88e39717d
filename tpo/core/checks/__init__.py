"""Checks of groups: their arrays, and whether an algorithm can learn from them."""

"""Golden bits of targets, and the groups they are computed from."""

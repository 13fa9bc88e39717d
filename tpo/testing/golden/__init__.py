"""Golden digests of targets, and the groups they are computed from."""

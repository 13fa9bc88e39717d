"""The algorithms, one file each. No algorithm imports another."""

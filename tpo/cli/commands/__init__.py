"""The commands of `tpo`, a module each."""

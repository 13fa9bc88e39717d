"""Data sets of labelled images: where they come from, what they must be, and where they are kept."""

"""Data sets of labelled images: downloading, checking, storing and loading them."""

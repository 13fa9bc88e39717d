"""Standardization of scores within a group or a batch."""

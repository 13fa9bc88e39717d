"""Printing of results, tables and progress."""

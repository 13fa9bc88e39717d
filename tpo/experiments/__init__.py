"""Experiments as data, with separate stages for running, storing and drawing."""

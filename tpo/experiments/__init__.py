"""Experiments: a spec is data; running it, storing it and drawing it are separate stages."""

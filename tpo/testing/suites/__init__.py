"""Tests to inherit: what a backend, an algorithm or a task must do."""

"""Test suites to inherit for backends, algorithms and tasks."""

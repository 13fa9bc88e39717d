"""Auditing the rollouts of any trainer of language models: reading its dump, checks, recommendations, a report."""

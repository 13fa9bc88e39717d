"""Policies as pure functions of their parameters, written against the Array API."""

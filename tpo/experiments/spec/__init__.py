"""Experiments as data: exhibits, cells, plans and charts."""

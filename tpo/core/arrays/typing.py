"""The types of arrays and of their library's functions: any library's, so any type."""

from typing import Any

Array = Any
"""An array of any library that follows the Array API."""

Namespace = Any
"""The module of Array API functions that belongs to an array."""

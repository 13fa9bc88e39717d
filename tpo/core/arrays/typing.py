"""Type aliases of arrays and namespaces. Any library's are accepted, so both are `Any`."""

from typing import Any

Array = Any
"""An array of any library that follows the Array API."""

Namespace = Any
"""The module of Array API functions that belongs to an array."""

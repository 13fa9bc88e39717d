"""Running cells: one, and many in parallel."""

"""Running one cell, or many in parallel."""

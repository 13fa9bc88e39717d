"""From stored cells to the numbers of a table."""

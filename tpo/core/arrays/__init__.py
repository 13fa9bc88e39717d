"""Arrays of any library: who owns them, and the operations that the core asks of their library."""

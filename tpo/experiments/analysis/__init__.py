"""Computing the numbers of tables from stored cells, and reading and comparing records."""

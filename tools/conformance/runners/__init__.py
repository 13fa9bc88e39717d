"""Ways to run the functions of the matrix, by library."""

"""Arrays of any library: finding the library of an array, and the operations that the core needs from it."""

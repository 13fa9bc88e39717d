"""Reading dumps: which column is what, rows of JSON lines and Parquet, and rows as arrays."""

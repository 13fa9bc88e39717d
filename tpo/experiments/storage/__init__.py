"""Files of results: cells by their digest, and where they came from."""

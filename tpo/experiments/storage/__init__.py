"""Files of results: cells by their digest, with provenance."""

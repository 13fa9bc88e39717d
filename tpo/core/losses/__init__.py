"""What losses are made of."""

"""Tasks of episodes: a policy acts step by step until the episode ends, and the whole episode has one score."""

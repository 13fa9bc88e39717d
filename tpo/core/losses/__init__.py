"""Building blocks of losses: advantages, ratios, surrogates, reductions."""

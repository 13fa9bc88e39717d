"""The checks: small pure functions of rollouts, listed in one table."""

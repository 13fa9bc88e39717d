"""The laws of losses, and the groups on which they are checked."""

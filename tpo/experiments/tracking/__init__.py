"""The log of events of a run, and the trackers that follow it."""

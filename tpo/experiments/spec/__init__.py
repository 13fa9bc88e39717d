"""An experiment as data, before it runs."""

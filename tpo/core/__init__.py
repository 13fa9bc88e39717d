"""The mathematics of TPO, written once against the Array API. Imports no framework."""

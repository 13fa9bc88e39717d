"""The results of an audit as plain data, and as a page with figures."""

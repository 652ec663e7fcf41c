"""Measures what Odeum promises, beside references that run on the same machine in the same minutes."""

"""The console in a real browser; conftest.py says on what."""

"""Requests that the API's description allows, and such that it does not, sent to the real program."""

"""Hotels, trains and companies answer for the server until somebody logs in."""

LOG_IN_FIRST = "Where a network asks to log in first (hotel, train), do that in the browser"
"""The beginning of a hint; no full stop."""

"""What one peer may cost everybody else: the numbers of the protocol."""

from __future__ import annotations

LINE_BEFORE_HELLO = 64 * 1024
LINE = 1024 * 1024
HELLO_WITHIN = 5.0
PARTIAL_LINE_WITHIN = 10.0
READ_AT_ONCE = 64 * 1024
UNREAD_REPLIES = 256 * 1024
CONNECTIONS_A_PROCESS = 64
REQUESTS_IN_FLIGHT = 64
REQUESTS_A_TURN = 32
"""Requests answered for one connection before everybody else has a turn."""
CONNECTIONS_A_TURN = 32
"""Connections accepted, and their first requests answered, before everybody else has a turn."""
LONGEST_WAIT = 900.0
"""Seconds that a request may wait when its caller names no `timeout`."""
PAGE = 200

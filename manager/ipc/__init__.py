"""The two sockets: framing, limits, and the translation of errors to the wire."""

"""The socket protocol, version 1: messages, framing, and where the sockets are."""

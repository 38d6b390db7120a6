"""The fixtures of the client's tests."""

from __future__ import annotations

from tests.client.protocol_server import home, serve, wire

__all__ = ["home", "serve", "wire"]

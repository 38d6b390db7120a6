"""The floor: the same loop and codec, and nothing of the program. Run with a socket's path."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec

RESULT = {
    "account": "0" * 32,
    "access_token": "0" * 43,
    "token_type": "Bearer",
    "expires_at": 1_790_000_000,
    "scopes": ["openid", "profile", "email", "offline_access"],
}
_decoder, _encoder = msgspec.json.Decoder(), msgspec.json.Encoder()


class Echo(asyncio.Protocol):
    """Answers every line with a token of the usual size."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        replies = [
            _encoder.encode({"id": _decoder.decode(line)["id"], "result": RESULT, "jsonrpc": "2.0"})
            for line in lines
        ]
        self._transport.write(b"\n".join((*replies, b"")))


async def serve(path: str) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(Echo, path, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))

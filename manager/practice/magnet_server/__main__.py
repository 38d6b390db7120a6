"""`python -m manager.practice.magnet_server`: prints one JSON line when it is ready."""

from __future__ import annotations

import sys

from manager.practice.practice_server import argument_parser, serve_until_told

from .server import DIALECTS, MagnetServer


def main(arguments: list[str] | None = None) -> int:
    parser = argument_parser("magnet_server")
    parser.add_argument("--dialect", choices=DIALECTS, default=DIALECTS[0])
    chosen = parser.parse_args(arguments)
    server = MagnetServer(chosen.dialect, port=chosen.port)
    return serve_until_told(server, chosen.faults, url="")


if __name__ == "__main__":
    sys.exit(main())

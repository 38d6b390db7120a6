"""`python -m manager.practice.speckle_server`: prints one JSON line when it is ready."""

from __future__ import annotations

import sys

from manager.practice.practice_server import argument_parser, serve_until_told

from .server import SpeckleServer


def main(arguments: list[str] | None = None) -> int:
    parser = argument_parser("speckle_server")
    parser.add_argument("--redirect-delay", type=float, default=0.0, help="seconds; really 2")
    chosen = parser.parse_args(arguments)
    server = SpeckleServer(redirect_delay=chosen.redirect_delay, port=chosen.port)
    return serve_until_told(server, chosen.faults, url="")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m manager.practice.mesh_server`: prints one JSON line when it is ready."""

from __future__ import annotations

import sys

from manager.practice.practice_server import argument_parser, serve_until_told

from .server import MeshServer


def main(arguments: list[str] | None = None) -> int:
    chosen = argument_parser("mesh_server").parse_args(arguments)
    return serve_until_told(MeshServer(port=chosen.port), chosen.faults, url="")


if __name__ == "__main__":
    sys.exit(main())

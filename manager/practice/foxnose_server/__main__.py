"""`python -m manager.practice.foxnose_server`: prints one JSON line when it is ready."""

from __future__ import annotations

import json
import signal
import sys
import threading

from manager.practice.practice_server import argument_parser

from .server import FoxNoseServer


def main(arguments: list[str] | None = None) -> int:
    """The line names both addresses, the environment and the prefix of its API."""
    chosen = argument_parser("foxnose_server").parse_args(arguments)
    server = FoxNoseServer(port=chosen.port)
    server.change_faults(**json.loads(chosen.faults))
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    with server:
        line = {
            "port": server.port,
            "url": server.url,
            "flux_url": server.flux_url,
            "environment": server.environment,
            "api_prefix": server.api_prefix,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        while not told.wait(timeout=3600):
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

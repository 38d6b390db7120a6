"""`python -m manager.practice.authorization_server`: prints one JSON line when it is ready."""

from __future__ import annotations

import json
import sys

from manager.practice.people import PEOPLE
from manager.practice.practice_server import argument_parser, serve_until_told

from .client_registry import client_from_json
from .server import AuthorizationServer


def main(arguments: list[str] | None = None) -> int:
    parser = argument_parser("authorization_server")
    parser.add_argument("--client", action="append", default=[], help="a client as a JSON object")
    parser.add_argument("--plain-oauth", action="store_true", help="no OpenID Connect")
    parser.add_argument("--approve-as", default="", choices=["", *PEOPLE], help="skip the pages")
    parser.add_argument("--registration", action="store_true", help="programs register themselves")
    chosen = parser.parse_args(arguments)
    server = AuthorizationServer(
        clients=[client_from_json(json.loads(each)) for each in chosen.client],
        openid=not chosen.plain_oauth,
        approve_as=chosen.approve_as,
        registration=chosen.registration,
        port=chosen.port,
    )
    return serve_until_told(server, chosen.faults, issuer="")


if __name__ == "__main__":
    sys.exit(main())

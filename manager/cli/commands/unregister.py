"""account-manager unregister: give the URI schemes back to the programs that had them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.schemes import report, uri_schemes

SUMMARY = "give the browser's schemes back"
EXAMPLES = "account-manager unregister"


def add_arguments(parser: ArgumentParser) -> None:
    """It takes none of its own."""


def run(arguments: Namespace) -> int:
    with uri_schemes() as schemes:
        report(schemes.unregister(), as_json=arguments.json)
    return 0

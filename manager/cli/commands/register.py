"""account-manager register: let browsers hand sign-ins to Account Manager (URI schemes)."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from manager.cli.output import notice, shown
from manager.cli.schemes import report, uri_schemes
from manager.cli.terminal_input import on_terminal
from manager.system.uri_scheme import SchemeStatus

SUMMARY = "let browsers hand sign-ins to Account Manager"
EXAMPLES = """\
account-manager register
account-manager register --take-over    (also from another program; unregister gives it back)"""
_PERSON_NEEDED = 77


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--take-over",
        action="store_true",
        help="take speckle: from another program without asking",
    )


def run(arguments: Namespace) -> int:
    with uri_schemes() as schemes:
        found = schemes.register(take_over=arguments.take_over)
        taken = [each for each in found if each.taken]
        if taken and not arguments.json and on_terminal():
            agreed = [each.scheme for each in taken if _agreed(each)]
            schemes.register(agreed, take_over=True)
            found = schemes.status()
            taken = []
    report(found, as_json=arguments.json)
    if taken and not arguments.json:
        notice("Another program keeps its scheme until you agree: account-manager register")
    return _PERSON_NEEDED if taken else 0


def _agreed(found: SchemeStatus) -> bool:
    print(
        f"{found.scheme}: is opened by {shown(found.handler_name)} now. "
        "Let Account Manager open it? [y/N] ",
        end="",
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in ("y", "yes")

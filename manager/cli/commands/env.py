"""account-manager env: print the environment variables that an account's programs read."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.account_variables import add_choice, until, variables_of
from manager.cli.output import notice, say, say_json
from manager.cli.variable_formats import FORMATS, written

SUMMARY = "print an account's environment variables"
EXAMPLES = """\
eval "$(account-manager env alice@example.com)"
account-manager env --server https://app.speckle.systems --format dotenv
account-manager env alice@example.com --format json
account-manager exec alice@example.com -- python job.py    (leaves nothing behind: better)"""


def add_arguments(parser: ArgumentParser) -> None:
    add_choice(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="shell",
        help="shell (default): export lines for eval; dotenv: a .env file; json: one object",
    )


def run(arguments: Namespace) -> int:
    got = variables_of(arguments.account, arguments.server, arguments.min_valid)
    if arguments.json:
        say_json({"account": got.account, "variables": got.variables, "expires_at": got.expires_at})
        return 0
    say(written(got.variables, arguments.format))
    if got.expires_at is not None:
        notice(until(got.expires_at))
    return 0

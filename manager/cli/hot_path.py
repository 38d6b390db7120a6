"""Commands that are called in loops, read by hand: argparse costs more than the whole answer.

Only the plain spelling is taken here (`token`, `token ACCOUNT`, `--server`, `--min-valid`,
`headers ACCOUNT METHOD URL`); everything else, wrong use too, is left to the parser.
"""

from __future__ import annotations

from .running import Command, answered


def plain(arguments: list[str]) -> Command | None:
    """The command to run, None when the parser has to look."""
    if not arguments:
        return None
    if arguments[0] == "token":
        return _token(arguments[1:])
    if arguments[0] == "headers" and len(arguments) == 4:
        return _headers(arguments[1:])
    return None


def _token(arguments: list[str]) -> Command | None:
    account = server = None
    min_valid = 60.0
    words = iter(arguments)
    for word in words:
        if word == "--server":
            server = next(words, None)
            if server is None or server.startswith("-"):
                return None
        elif word == "--min-valid":
            seconds = next(words, "")
            if not seconds.isdigit():
                return None
            min_valid = float(seconds)
        elif word.startswith("-") or account is not None:
            return None
        else:
            account = word
    if account is not None and server is not None:
        return None

    def command() -> int:
        from .commands.token import print_token  # noqa: PLC0415

        return print_token(account, server, min_valid, as_json=False)

    return lambda: answered(command, as_json=False)


def _headers(arguments: list[str]) -> Command | None:
    account, method, url = arguments
    if any(word.startswith("-") for word in arguments):
        return None

    def command() -> int:
        from .commands.headers import print_headers  # noqa: PLC0415

        return print_headers(account, method, url, as_json=False)

    return lambda: answered(command, as_json=False)

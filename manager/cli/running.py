"""Run one command: the agent's errors become sentences and exit statuses."""

from __future__ import annotations

from collections.abc import Callable

from manager.client.errors import AccountManagerError

Command = Callable[[], int]


def answered(command: Command, *, as_json: bool) -> int:
    """The exit status of `command`. With no agent to be found, this program is remembered as the
    one to start (its first run), and the command, which has done nothing yet, runs again."""
    try:
        try:
            return command()
        except AccountManagerError as error:
            if error.kind != "agent_unavailable" or not _first_run():
                raise
        return command()
    except AccountManagerError as error:
        from .output import fail  # noqa: PLC0415  # hot commands hardly ever fail

        return fail(error, as_json=as_json)


def _first_run() -> bool:
    from .first_run import remembered  # noqa: PLC0415

    return remembered()

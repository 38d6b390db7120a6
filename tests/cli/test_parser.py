"""Help, version, and that every command explains itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from manager import __version__
from manager.cli.exit_status import MEANINGS, status_of
from manager.cli.hot_path import plain
from manager.cli.parser import COMMANDS, module_of
from manager.client.errors import AccountManagerError


def test_help_names_every_command_role_and_exit_status(run: Callable) -> None:
    done = run("--help")
    assert done.returncode == 0
    for word in (*COMMANDS, "agent", "demo"):
        assert f"\n    {word}" in done.stdout
    for meaning in MEANINGS.values():
        assert meaning in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from manager.cli.parser import parsed

    with pytest.raises(SystemExit) as ended:
        parsed([command, "--help"])
    assert ended.value.code == 0
    assert f"account-manager {command}" in capsys.readouterr().out.partition("examples:")[2]
    assert module_of(command).SUMMARY


def test_version(run: Callable) -> None:
    assert run("--version").stdout == f"account-manager {__version__}\n"


def test_every_kind_of_error_has_a_status_that_the_help_explains() -> None:
    for error in AccountManagerError.__subclasses__():
        status = status_of(error.kind)
        assert status in MEANINGS
        assert status != 70 or error.kind == "internal_error"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["accounts"],
        ["token", "--json"],
        ["token", "-h"],
        ["token", "a", "b"],
        ["token", "--server"],
        ["token", "--server", "--json"],
        ["token", "--min-valid", "x"],
        ["token", "a", "--server", "https://id.example"],
        ["headers", "a", "GET"],
        ["headers", "--json", "a", "GET", "u"],
        ["headers", "--json", "GET", "u"],
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(words: list[str]) -> None:
    assert plain(words) is None

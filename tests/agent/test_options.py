from __future__ import annotations

import pytest

from manager.agent.options import USAGE, AgentOptions, OptionError, parse_options
from manager.agent.vault_choice import VaultKind
from manager.core.consent import ConsentMode


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], AgentOptions(ConsentMode.ALLOW, verbose=False)),
        (["--consent=allow"], AgentOptions(ConsentMode.ALLOW, verbose=False)),
        (["--consent", "deny"], AgentOptions(ConsentMode.DENY, verbose=False)),
        (["--verbose"], AgentOptions(ConsentMode.ALLOW, verbose=True)),
        (["--verbose", "--consent=deny"], AgentOptions(ConsentMode.DENY, verbose=True)),
        (["--vault=file"], AgentOptions(ConsentMode.ALLOW, verbose=False, vault=VaultKind.FILE)),
        (
            ["--vault", "system"],
            AgentOptions(ConsentMode.ALLOW, verbose=False, vault=VaultKind.SYSTEM),
        ),
        (
            ["--passphrase-fd=3"],
            AgentOptions(ConsentMode.ALLOW, verbose=False, passphrase_descriptor=3),
        ),
    ],
)
def test_what_is_understood(arguments: list[str], options: AgentOptions) -> None:
    assert parse_options(arguments) == options


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--nonsense"], ["--consent"], ["--consent=ask"], ["--consent="], ["word"]),
        *(["--", "word"], ["--vault"], ["--vault=plain"], ["--passphrase-fd"]),
        *(["--passphrase-fd=-1"], ["--passphrase-fd=x"], ["--passphrase-fd=3", "--vault=system"]),
    ],
)
def test_what_is_not(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OptionError) as mistake:
        parse_options(arguments)
    assert mistake.value.status == USAGE
    assert capsys.readouterr() == ("", "")
    mistake.value.tell()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("account-manager agent: ")
    assert "usage: account-manager agent" in said.err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--verbose", "--help"]])
def test_help_goes_to_standard_output(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OptionError) as help_asked:
        parse_options(arguments)
    assert help_asked.value.status == 0
    help_asked.value.tell()
    said = capsys.readouterr()
    assert "--consent" in said.out
    assert "--verbose" in said.out
    assert said.err == ""


def test_a_passphrase_in_the_wrong_place_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(OptionError) as mistake:
        parse_options(["--vault=file", "--passphrase-fd=canary"])
    mistake.value.tell()
    assert "canary" not in capsys.readouterr().err

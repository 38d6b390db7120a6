"""account-manager status: whether the agent runs, and how it is. Starts none."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.consent import consent_notice
from manager.cli.output import say, say_json, shown
from manager.client import Client

SUMMARY = "show whether the agent runs, and how it is"
EXAMPLES = "account-manager status --json"
_LINES = (
    ("version", "Agent"),
    ("pid", "Process"),
    ("keychain", "Keychain"),
    ("vault", "Keys kept in"),
    ("storage", "Storage"),
    ("accounts", "Accounts"),
    ("attention", "Need sign-in"),
    ("connections", "Connections"),
    ("agent_socket", "Socket"),
)
_WORDS: dict[tuple[str, object], str] = {
    ("vault", "system"): "the keychain of this session",
    ("vault", "file"): "a file vault of yours",
}


def add_arguments(parser: ArgumentParser) -> None:
    """It takes none of its own."""


def run(arguments: Namespace) -> int:
    with Client(control=True, name="account-manager", auto_start=False) as client:
        status = client.call("agent.status")
    if arguments.json:
        say_json(status)
        return 0
    for name, title in _LINES:
        if name in status:
            value = _WORDS.get((name, status[name]), status[name])
            say(f"{title + ':':14}{shown(value)}")
    if sentence := consent_notice(str(status.get("consent", ""))):
        say(f"{'Consent:':14}{sentence}")
    return 0

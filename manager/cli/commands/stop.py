"""account-manager stop: end the agent; the next program that asks starts it again."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.output import say, say_json
from manager.client import Client
from manager.client.errors import AgentUnavailable

SUMMARY = "stop the agent"
EXAMPLES = "account-manager stop"


def add_arguments(parser: ArgumentParser) -> None:
    """It takes none of its own."""


def run(arguments: Namespace) -> int:
    running = True
    with Client(control=True, name="account-manager", auto_start=False) as client:
        try:
            client.call("agent.stop")
        except AgentUnavailable:
            running = False
    if arguments.json:
        say_json({"stopping": running})
    else:
        say("The agent is stopping." if running else "No agent is running.")
    return 0

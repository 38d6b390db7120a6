"""What the demo says, and how a story that does not go as told ends."""

from __future__ import annotations

import sys
import textwrap

_WIDTH = 96


class NotAsExpected(Exception):
    """Something did not happen as it must: a defect, of Account Manager or of the demo."""

    hint = "Please report it, with what stands above."
    status = 70


def hold(fact: bool, otherwise: str) -> None:
    """Raises NotAsExpected."""
    if not fact:
        raise NotAsExpected(otherwise)


def headline(text: str) -> None:
    say("")
    say(text)


def tell_that(text: str) -> None:
    """A paragraph of the story, below its headline."""
    say(textwrap.fill(text, _WIDTH, initial_indent="   ", subsequent_indent="   "))


def quote(text: str) -> None:
    """What another program printed."""
    for line in text.splitlines():
        say(f"   | {line}")


def say(text: str) -> None:
    print(text, flush=True)


def complain(sentence: str, hint: str) -> None:
    print(f"\n{sentence}\n{hint}".rstrip(), file=sys.stderr, flush=True)

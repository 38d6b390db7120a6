"""The protocol's reference says what the message table says."""

from __future__ import annotations

import re
from pathlib import Path

from manager.client import exchange
from manager.client.protocol import framing, messages
from manager.client.protocol.messages import (
    ACCOUNT,
    AGENT,
    CONTROL_TOPICS,
    KINDS,
    METHODS,
    SIGN_IN,
    TOKEN,
    TOPICS,
)

README = (Path(messages.__file__).parent / "README.md").read_text("utf-8")
_OBJECTS = {"account": ACCOUNT, "token": TOKEN, "sign-in": SIGN_IN}


def shape(fields: dict[str, str]) -> str:
    for name, each in _OBJECTS.items():
        if fields == each:
            return f"`<{name}>`"
    return f"`{fields_of(fields)}`"


def fields_of(fields: dict[str, str]) -> str:
    return (
        "{"
        + ", ".join(f"{n}{'?' * t.endswith('?')}: {t.rstrip('?')}" for n, t in fields.items())
        + "}"
    )


def method_rows() -> list[str]:
    return [
        f"| `{name}` | {'both' if method.socket == AGENT else 'control'} | "
        f"{shape(method.params)} | {shape(method.result)} |"
        for name, method in METHODS.items()
    ]


def rows(pattern: str) -> list[str]:
    return [line for line in README.splitlines() if re.match(pattern, line)]


def test_every_method_with_its_params_and_result() -> None:
    assert [row for row in rows(r"\| `[\w.]+` \| (both|control) ") if row.count(" | ") == 3] == (
        method_rows()
    )


def test_every_object() -> None:
    assert rows(r"- `<") == [f"- `<{name}>`: `{fields_of(o)}`" for name, o in _OBJECTS.items()]


def test_every_kind_of_error_with_its_code() -> None:
    found = [re.match(r"\| `(\w+)` \| (-\d+) \| \w", row) for row in rows(r"\| `\w+` \| -\d")]
    assert {match[1]: int(match[2]) for match in found if match} == KINDS
    assert len(found) == len(KINDS)


def test_every_topic() -> None:
    for topic in CONTROL_TOPICS:
        where = "both" if topic in TOPICS else "control"
        assert rows(rf"\| `{re.escape(topic)}` \| {where} \|")


def test_what_may_be_repeated() -> None:
    (paragraph,) = re.findall(r"\*\*Repeating\.\*\*(.*?)\n\n", README, re.DOTALL)
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", paragraph)) == exchange.REPEATABLE
    assert set(METHODS) >= exchange.REPEATABLE


def test_the_limits_and_the_version() -> None:
    assert f"| a line before `hello` | {framing.MAX_LINE_BEFORE_HELLO // 1024} KiB |" in README
    assert f"| a line after it, both ways | {framing.MAX_LINE // 1024 // 1024} MiB |" in README
    assert exchange.PROTOCOL_VERSION == messages.PROTOCOL_VERSION
    assert README.startswith(f"# The socket protocol, version {messages.PROTOCOL_VERSION}\n")

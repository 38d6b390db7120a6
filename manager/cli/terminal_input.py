"""What a person types or a program pipes in: secrets unseen, lines one by one."""

from __future__ import annotations

import os
import sys

from manager.client.errors import InvalidRequest

_LONGEST = 64 * 1024


def on_terminal() -> bool:
    """Whether a person may type here."""
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # closed
        return False


def typed_secret(prompt: str) -> str:
    """Unseen, from the terminal itself; never from the argument list, which everybody can read."""
    from getpass import getpass  # noqa: PLC0415

    try:
        return getpass(prompt)
    except EOFError:
        raise KeyboardInterrupt from None


def typed_line(prompt: str) -> str:
    """The prompt goes to stderr: stdout is for answers."""
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.rstrip("\n")


def line_of(descriptor: int) -> str | None:
    """The next line of a pipe, None at its end. Byte by byte: what follows it stays in the pipe
    for whoever reads next. Raises InvalidRequest for a descriptor that cannot be read."""
    line = bytearray()
    try:
        while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
            line += byte
            if len(line) > _LONGEST:
                raise InvalidRequest("A line of the pipe is too long.")
    except OSError as error:
        raise InvalidRequest(
            f"Descriptor {descriptor} cannot be read ({error.strerror})."
        ) from None
    if not byte and not line:
        return None
    return line.decode("utf-8", "replace").rstrip("\r")


def line_of_pipe() -> str | None:
    return line_of(sys.stdin.fileno())

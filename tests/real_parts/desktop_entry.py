"""A program of the session as the person's default for kinds of links, as installers do it."""

from __future__ import annotations

from collections.abc import Iterable

from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until


def install_program(
    session: PrivateSession, name: str, script: str, schemes: Iterable[str]
) -> None:
    """Install a shell script as a program that opens these URI schemes.

    session: whose home and PATH it goes into
    name: of the command, shown to the person too
    script: gets the URI as "$1"
    """
    command = session.commands / name
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    kinds = [f"x-scheme-handler/{scheme}" for scheme in schemes]
    applications = session.home / ".local" / "share" / "applications"
    applications.mkdir(parents=True, exist_ok=True)
    (applications / f"{name}.desktop").write_text(
        "[Desktop Entry]\nType=Application\n"
        f"Name={name}\nExec={command} %u\nMimeType={';'.join(kinds)};\n"
    )
    session.run(["update-desktop-database", applications])
    # xdg-mime writes below a folder that it does not make itself.
    (session.home / ".config").mkdir(exist_ok=True)
    session.run(["xdg-mime", "default", f"{name}.desktop", *kinds])


class SchemeHandler:
    """A program that takes a scheme's links and keeps them, for tests of whoever sends them."""

    def __init__(self, session: PrivateSession, scheme: str) -> None:
        self._kept = session.home / f"uris-{scheme}"
        install_program(
            session, f"handler-{scheme}", f"printf '%s\\n' \"$@\" >> '{self._kept}'", [scheme]
        )

    def uris(self) -> list[str]:
        """Every link so far, in their order."""
        return self._kept.read_text().splitlines() if self._kept.exists() else []

    def wait_for_uri(self) -> str:
        return until(self.uris, "link for the scheme handler")[0]

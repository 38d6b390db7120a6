"""Schemes on Linux: a desktop entry in the person's data folder, made the default by xdg-mime."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import SCHEMES, SchemeRegistrationFailed, SchemeStatus
from .desktop_entry import entry_name, handler_entry
from .former_handlers import FormerHandlers
from .mime_defaults import without_default

DESKTOP_ID = "io.github.account_manager.uri_handler.desktop"
"""Not the id of the window's own entry: one of the same name in the person's folder would hide
that one from every menu."""
_PATIENCE = 15.0


class LinuxUriSchemes:
    """`command`: the launch line; `state`: the private state folder. All methods block for tens of
    milliseconds and raise SchemeRegistrationFailed."""

    def __init__(
        self, command: Sequence[str], state: Path, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._command = command
        self._former = FormerHandlers(state)
        self._environ = environ
        home = Path(environ.get("HOME") or Path.home())
        self._data = _folder(environ, "XDG_DATA_HOME", home / ".local/share")
        self._config = _folder(environ, "XDG_CONFIG_HOME", home / ".config")
        self._applications = self._data / "applications"
        self._entry = self._applications / DESKTOP_ID

    def status(self, schemes: Sequence[str] = SCHEMES) -> list[SchemeStatus]:
        """Who opens each scheme now."""
        return [self._status(scheme) for scheme in schemes]

    def register(
        self, schemes: Sequence[str] = SCHEMES, *, take_over: bool = False
    ) -> list[SchemeStatus]:
        """Take what nobody has; with `take_over` (the person agreed) also what others have.

        Returns who opens each scheme afterwards: those still `taken` need the person's word. What
        is ours already is written again, with today's launch line.
        """
        before = self.status(schemes)
        wanted = [found for found in before if take_over or not found.taken]
        kept = {found.scheme for found in self.status() if found.ours}
        try:
            for found in wanted:
                if not found.ours:
                    self._former.remember(found.scheme, found.handler)
            self._write_entry(sorted(kept | {found.scheme for found in wanted}))
        except (OSError, ValueError) as error:
            raise _failed(error) from None
        for found in wanted:
            self._run("xdg-mime", "default", DESKTOP_ID, _mime_type(found.scheme))
        return self.status(schemes)

    def unregister(self) -> list[SchemeStatus]:
        """Give all schemes back: to the program that had it, if it is still there, else to nobody.
        What the person has given to another program meanwhile stays there."""
        ours = [found.scheme for found in self.status() if found.ours]
        try:
            self._entry.unlink(missing_ok=True)
            for scheme in ours:
                self._forget_default(scheme)
        except OSError as error:
            raise _failed(error) from None
        if self._applications.is_dir():
            self._run("update-desktop-database", str(self._applications))
        for scheme in ours:
            former = self._former.of(scheme)
            if former and self._find(former):
                self._run("xdg-mime", "default", former, _mime_type(scheme))
        try:
            for scheme in SCHEMES:
                if self._former.of(scheme):
                    self._former.remember(scheme, None)
        except OSError as error:
            raise _failed(error) from None
        return self.status()

    def former_handler(self, scheme: str) -> str | None:
        """The id of the program that had `scheme` before us: what is not ours can be handed on."""
        return self._former.of(scheme)

    def _status(self, scheme: str) -> SchemeStatus:
        handler = self._run("xdg-mime", "query", "default", _mime_type(scheme)).strip()
        entry = self._find(handler) if handler else None
        if entry is None:  # a default whose program was removed opens nothing
            return SchemeStatus(scheme, ours=False)
        try:
            name = entry_name(entry.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            name = None
        return SchemeStatus(scheme, handler == DESKTOP_ID, handler, name or handler)

    def _write_entry(self, schemes: Sequence[str]) -> None:
        self._applications.mkdir(parents=True, exist_ok=True)
        temporary = self._entry.with_name(f".{DESKTOP_ID}.{os.getpid()}")
        temporary.write_text(handler_entry(self._command, schemes), encoding="utf-8")
        temporary.chmod(0o644)
        temporary.replace(self._entry)
        self._run("update-desktop-database", str(self._applications))

    def _forget_default(self, scheme: str) -> None:
        for path in (
            self._config / "mimeapps.list",
            self._applications / "mimeapps.list",
            self._applications / "defaults.list",
        ):
            if not path.is_file():
                continue
            before = path.read_text(encoding="utf-8", errors="surrogateescape")
            after = without_default(before, DESKTOP_ID, _mime_type(scheme))
            if after != before:
                target = path.resolve()  # people keep it in a folder of dot-files
                temporary = target.with_name(f".{target.name}.{os.getpid()}")
                temporary.write_text(after, encoding="utf-8", errors="surrogateescape")
                temporary.chmod(target.stat().st_mode & 0o777)
                temporary.replace(target)

    def _find(self, desktop_id: str) -> Path | None:
        system = self._environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        for folder in (self._data, *map(Path, system.split(":"))):
            # A dash may stand for a folder (Desktop Entry Specification, desktop file ID).
            for name in (desktop_id, desktop_id.replace("-", "/", 1)):
                path = folder / "applications" / name
                if path.is_file():
                    return path
        return None

    def _run(self, program: str, *arguments: str) -> str:
        path = shutil.which(program, path=self._environ.get("PATH"))
        if path is None:
            raise SchemeRegistrationFailed(f"The program {program} is missing.")
        try:
            finished = subprocess.run(
                [path, *arguments],
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SchemeRegistrationFailed(f"{program} failed: {type(error).__name__}.") from None
        if finished.returncode and arguments[0] != "query":  # query: 4 for "nobody" in places
            raise SchemeRegistrationFailed(f"{program} ended with {finished.returncode}.")
        return finished.stdout


def _mime_type(scheme: str) -> str:
    return f"x-scheme-handler/{scheme}"


def _folder(environ: Mapping[str, str], name: str, otherwise: Path) -> Path:
    path = Path(environ.get(name) or otherwise)
    return path if path.is_absolute() else otherwise


def _failed(error: Exception) -> SchemeRegistrationFailed:
    if isinstance(error, OSError):
        return SchemeRegistrationFailed(
            f"The scheme could not be registered: {error.strerror}.",
            hint="Make your applications folder writable, or free some disk space.",
        )
    return SchemeRegistrationFailed(
        f"The scheme could not be registered: {error}.",
        hint="Install Account Manager in a folder with an ordinary name.",
    )

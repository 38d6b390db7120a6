"""The person's settings.toml: read whole, written with everything else in it left as it was."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from manager.core.errors import PersonCanAct, StorageUnavailable

FILE = "settings.toml"


class SettingsUnreadable(PersonCanAct):
    """The file is no TOML; it is left as it is, and nothing is written over it."""

    default_hint = "Correct the file, or remove it to go on with the standard settings."


class Settings:
    """`folder`: the person's configuration folder. Not cached: the person edits it meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    @property
    def path(self) -> Path:
        return self._path

    def read(self) -> Mapping[str, Any]:
        """All of it, unknown keys too; empty without a file. Raises SettingsUnreadable, which
        names the line, and StorageUnavailable."""
        text = self._text()
        if not text:
            return {}
        import tomllib  # noqa: PLC0415  # most starts find no file

        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._unreadable(str(error)) from None

    def write(self, section: str, name: str, value: str | float | bool | None) -> None:
        """Set one value (None: remove it). Comments, order and unknown keys stay. The file is
        replaced as a whole or not at all. Raises what `read` does."""
        import tomlkit  # noqa: PLC0415  # only when something is changed
        from tomlkit.exceptions import ParseError  # noqa: PLC0415

        try:
            document = tomlkit.parse(self._text())
        except ParseError as error:
            raise self._unreadable(str(error)) from None
        table = document.setdefault(section, tomlkit.table())
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        self._replace(tomlkit.dumps(document))

    def _text(self) -> str:
        try:
            return self._path.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError:
            raise self._unreadable("it is not UTF-8") from None
        except OSError as error:
            raise self._unavailable(error) from None

    def _replace(self, text: str) -> None:
        folder = self._path.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=folder, prefix=FILE)
            try:
                with open(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(descriptor)
                Path(name).replace(self._path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise self._unavailable(error) from None

    def _unreadable(self, reason: str) -> SettingsUnreadable:
        return SettingsUnreadable(f"The settings in {self._path} cannot be read: {reason}.")

    def _unavailable(self, error: OSError) -> StorageUnavailable:
        return StorageUnavailable(
            f"The settings in {self._path} cannot be used ({os.strerror(error.errno or 0)})."
        )

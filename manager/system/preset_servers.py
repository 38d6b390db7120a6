"""The catalogue: servers that somebody has already described in a `servers.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from manager.core.catalogue import PresetServer
from manager.core.credential import ClientRegistration
from manager.core.errors import InvalidRequest, PersonCanAct
from manager.core.secret import Secret
from manager.core.server_address import canonical

FILE = "servers.toml"
SYSTEM_FOLDER = Path("/etc/account-manager")
_LARGEST = 1 << 20
_REDIRECTS = {"scheme", "loopback"}
_TEXT = ("url", "name", "provider", "client_id", "client_secret", "resource", "dialect")
_LISTS = ("scopes",)
_TABLES = ("redirect_uris", "settings")
_REQUIRED = ("url", "provider")


class PresetServersInvalid(PersonCanAct):
    """A `servers.toml` cannot be understood; the sentence names the file and the line."""

    default_hint = "Correct the file, or take it away."


def read_preset_servers(resources: Path, config: Path) -> list[PresetServer]:
    """All described servers: shipped, of this machine, of this person. Of those with one url the
    later counts. Raises PresetServersInvalid."""
    return _read_all((resources, SYSTEM_FOLDER, config))


def read_own_servers(config: Path) -> list[PresetServer]:
    """Those of this person alone. Raises PresetServersInvalid."""
    return _read_all((config,))


def catalogue(presets: Iterable[PresetServer]) -> Callable[[str], PresetServer | None]:
    """Looks an address up in any spelling; None where nobody has described the server."""
    by_url = {preset.url: preset for preset in presets}

    def look_up(url: str) -> PresetServer | None:
        try:
            return by_url.get(canonical(url))
        except InvalidRequest:
            return None

    return look_up


def parse_preset_servers(text: str, source: str) -> list[PresetServer]:
    """The entries `[[server]]` in TOML `text`; `source` is named in errors. Raises
    PresetServersInvalid."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PresetServersInvalid(f"{source}: {error}.") from None
    except RecursionError:
        raise PresetServersInvalid(f"{source}: nested too deeply.") from None
    reader = _Reader(source, text)
    for key in document.keys() - {"server"}:
        raise reader.wrong(0, f"unknown key {key!r}", key)
    entries = document.get("server", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise reader.wrong(0, "entries are written as [[server]]", "server")
    return [reader.preset(number, entry) for number, entry in enumerate(entries, start=1)]


def _read_all(folders: Iterable[Path]) -> list[PresetServer]:
    found: dict[str, PresetServer] = {}
    for folder in folders:
        for preset in _read(folder / FILE):
            found.pop(preset.url, None)
            found[preset.url] = preset
    return list(found.values())


def _read(path: Path) -> list[PresetServer]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise PresetServersInvalid(f"{path}: larger than 1 MiB.")
        return parse_preset_servers(content.decode("utf-8"), str(path))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise PresetServersInvalid(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise PresetServersInvalid(f"{path}: not UTF-8 text.") from None


class _Reader:
    """One file. tomllib keeps no positions: the line is found again in the text."""

    def __init__(self, source: str, text: str) -> None:
        self._source = source
        self._lines = text.splitlines()

    def wrong(self, entry: int, what: str, key: str = "") -> PresetServersInvalid:
        return PresetServersInvalid(f"{self._source}, line {self._line(entry, key)}: {what}.")

    def preset(self, number: int, entry: Mapping[str, Any]) -> PresetServer:
        for key, value in entry.items():
            self._check(number, key, value)
        for key in _REQUIRED:
            if not entry.get(key):
                raise self.wrong(number, f"{key!r} is missing")
        if "client_secret" in entry and "client_id" not in entry:
            raise self.wrong(number, "'client_secret' without 'client_id'", "client_secret")
        try:
            url = canonical(entry["url"])
        except InvalidRequest as error:
            raise self.wrong(number, f"{error.message.rstrip('.')} ({error.hint})", "url") from None
        return PresetServer(
            url=url,
            name=entry.get("name") or url.partition("://")[2],
            provider=entry["provider"],
            client=_client(entry),
            scopes=tuple(entry.get("scopes", ())),
            redirect_uris=entry.get("redirect_uris"),
            resource=entry.get("resource"),
            dialect=entry.get("dialect", ""),
            settings=entry.get("settings", {}),
        )

    def _check(self, number: int, key: str, value: object) -> None:
        if key in _TEXT:
            fits, wanted = isinstance(value, str) and bool(value), "a text"
        elif key in _LISTS:
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
            wanted = "a list of texts"
        elif key in _TABLES:
            fits = (
                isinstance(value, dict)
                and (key == "settings" or value.keys() <= _REDIRECTS)
                and all(isinstance(uri, str) for uri in value.values())
            )
            names = "name" if key == "settings" else "scheme = ..., loopback"
            wanted = f"a table {{{names} = ...}} of texts"
        else:
            raise self.wrong(number, f"unknown key {key!r}", key)
        if not fits:
            raise self.wrong(number, f"{key!r} must be {wanted}", key)

    def _line(self, entry: int, key: str) -> int:
        """The line of `key` in the entry that counts from 1 (0: anywhere), else the entry's."""
        seen, start = 0, 1
        for number, line in enumerate(self._lines, start=1):
            if re.match(r"\s*\[\[\s*server\s*\]\]", line):
                seen += 1
                start = number if seen == entry else start
            names = re.match(
                rf"\s*(\[\[?\s*(server\s*\.\s*)?)?[\"']?{re.escape(key)}[\"']?\b", line
            )
            if key and names and (entry in (0, seen)):
                return number
        return start


def _client(entry: Mapping[str, Any]) -> ClientRegistration | None:
    if "client_id" not in entry:
        return None
    secret = entry.get("client_secret")
    return ClientRegistration(entry["client_id"], Secret(secret) if secret else None)

"""Where Speckle's programs keep their accounts. They do not agree: on Linux .NET programs follow
XDG_CONFIG_HOME and Python ones XDG_DATA_HOME, both else ~/.config (facts from specklepy's
speckle_path_provider.py and .NET's Environment.SpecialFolder)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

_NAME = "Speckle"
_MOVED = "SPECKLE_USERDATA_PATH"


def folders_read(environ: Mapping[str, str], platform: str) -> tuple[Path, ...]:
    """Every folder in which some program may have kept accounts, by `sys.platform`."""
    home = _home(environ)
    chosen = [_folder(environ, _MOVED), *_today(environ, platform)]
    if home is not None:
        if platform == "darwin":
            chosen.append(home / ".config")  # older .NET programs and the former Manager
        elif platform != "win32":
            chosen += [home / ".config", home / ".local" / "share"]
    return _named(chosen)


def folders_written(environ: Mapping[str, str], platform: str) -> tuple[Path, ...]:
    """Where today's programs look: one folder, or two where they disagree."""
    moved = _folder(environ, _MOVED)
    return _named([moved] if moved is not None else _today(environ, platform))


def _today(environ: Mapping[str, str], platform: str) -> list[Path | None]:
    home = _home(environ)
    if platform == "win32":
        return [_folder(environ, "APPDATA")]
    if platform == "darwin":
        return [None if home is None else home / "Library" / "Application Support"]
    usual = None if home is None else home / ".config"
    return [
        _folder(environ, "XDG_CONFIG_HOME") or usual,
        _folder(environ, "XDG_DATA_HOME") or usual,
    ]


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    """A relative one would mean another place for every program."""
    path = Path(environ.get(name) or "")
    return path if path.is_absolute() else None


def _home(environ: Mapping[str, str]) -> Path | None:
    return _folder(environ, "HOME") or _folder(environ, "USERPROFILE")


def _named(folders: Iterable[Path | None]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(folder / _NAME for folder in folders if folder is not None))

"""Which rows of other programs' files are ours: written down before they are, kept as long as they
stand. It holds digests of tokens that machines made, never a token."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FILE = "exported_accounts.json"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """`rows`: key to the digests of the tokens that we wrote under it (two while a change is on its
    way); a row with another token is not ours any more. `undefaulted`, `defaulted`: rows of others
    whose `isDefault` we changed. `log_held`: what we took out may still stand in the log."""

    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undefaulted: frozenset[str] = frozenset()
    defaulted: frozenset[str] = frozenset()
    log_held: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.rows or self.undefaulted or self.defaulted or self.log_held)


class ExportRecord:
    def __init__(self, data: Path) -> None:
        self._path = data / _FILE

    def read(self) -> dict[Path, FileRecord]:
        """By file. Raises OSError; a damaged record counts as none: rows are then left alone."""
        try:
            stored = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError:
            return {}
        files = stored if isinstance(stored, dict) else {}
        return {Path(path): _record(each) for path, each in files.items()}

    def write(self, path: Path, record: FileRecord) -> None:
        """Raises OSError."""
        files = {**self.read(), path: record}
        kept = {str(each): _stored(files[each]) for each in files if not files[each].is_empty}
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)


def _record(stored: Any) -> FileRecord:
    each = stored if isinstance(stored, dict) else {}
    rows = each.get("rows")
    return FileRecord(
        rows={key: tuple(value) for key, value in rows.items() if isinstance(value, list)}
        if isinstance(rows, dict)
        else {},
        undefaulted=frozenset(each.get("undefaulted") or ()),
        defaulted=frozenset(each.get("defaulted") or ()),
        log_held=each.get("log_held") is True,
    )


def _stored(record: FileRecord) -> dict[str, Any]:
    return {
        "rows": {key: list(value) for key, value in record.rows.items()},
        "undefaulted": sorted(record.undefaulted),
        "defaulted": sorted(record.defaulted),
        "log_held": record.log_held,
    }

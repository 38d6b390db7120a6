"""Who handled a scheme before us: written down before it is taken, read when it is given back."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

_FILE = "former_handlers.json"


class FormerHandlers:
    """A small file in the state folder; unreadable content counts as nothing remembered."""

    def __init__(self, state: Path) -> None:
        self._path = state / _FILE

    def of(self, scheme: str) -> str | None:
        """The id of the program that had `scheme`, None for nobody."""
        return self._read().get(scheme)

    def remember(self, scheme: str, handler: str | None) -> None:
        """Raises OSError."""
        known = self._read()
        if handler is None:
            known.pop(scheme, None)
        else:
            known[scheme] = handler
        self._write(known)

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(known, dict):
            return {}
        return {k: v for k, v in known.items() if isinstance(v, str)}

    def _write(self, known: dict[str, str]) -> None:
        descriptor, temporary = tempfile.mkstemp(prefix=".former-", dir=self._path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(known, file)
            os.replace(temporary, self._path)
        except BaseException:
            os.unlink(temporary)
            raise

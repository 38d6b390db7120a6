"""The window knows no kind of server: what it says of one comes from the agent."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
KINDS = {*ENTRY_POINTS["manager.providers"], "speckle", "mesh", "foxnose", "magnet", "openid"}


def names() -> re.Pattern[str]:
    words = "|".join(sorted(re.escape(kind.split("_")[0]) for kind in KINDS))
    return re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)


def test_no_kind_of_server_is_named_in_the_window() -> None:
    """But for the scopes' wordings, where `openid` is a scope (OpenID Connect Core, 3.1.2.1)."""
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in sorted((ROOT / "manager" / "desktop").rglob("*.py"))
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if names().search(line.replace('"openid"', ""))
    ]
    assert found == []


def test_the_names_would_be_found() -> None:
    assert names().search("if provider == 'oidc':")
    assert names().search("Speckle Manager")
    assert not names().search("meshes of triangles")

"""Schemes on macOS: what an application bundle's Info.plist says. Not run yet on that system.

Source: Apple, Information Property List, CFBundleURLTypes. A bundle takes no scheme from another:
which of several opens it, the person or LaunchServices says.
"""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from typing import Any

_BUNDLE = "io.github.account-manager"


def url_types(schemes: Sequence[str]) -> list[dict[str, Any]]:
    """The value of CFBundleURLTypes."""
    return [
        {
            "CFBundleURLName": f"{_BUNDLE}.{scheme}",
            "CFBundleTypeRole": "Viewer",
            "CFBundleURLSchemes": [scheme],
        }
        for scheme in schemes
    ]


def info_plist(schemes: Sequence[str], *, version: str, executable: str) -> bytes:
    """A whole Info.plist, as XML, for the bundle that holds `executable` in Contents/MacOS."""
    return plistlib.dumps(
        {
            "CFBundleIdentifier": _BUNDLE,
            "CFBundleName": "Account Manager",
            "CFBundlePackageType": "APPL",
            "CFBundleExecutable": executable,
            "CFBundleShortVersionString": version,
            "CFBundleVersion": version,
            "CFBundleURLTypes": url_types(schemes),
            "LSMinimumSystemVersion": "12.0",
        }
    )

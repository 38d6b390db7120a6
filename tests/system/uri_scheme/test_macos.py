"""The plist reads back as it was meant."""

from __future__ import annotations

import plistlib

from hypothesis import given
from hypothesis import strategies as st

from manager.system.uri_scheme import SCHEMES
from manager.system.uri_scheme.macos import info_plist


@given(st.lists(st.from_regex(r"[a-z][a-z0-9+.-]*", fullmatch=True), unique=True))
def test_every_scheme_once(schemes: list[str]) -> None:
    plist = plistlib.loads(info_plist(schemes, version="1.0", executable="account-manager"))
    assert [
        s for entry in plist["CFBundleURLTypes"] for s in entry["CFBundleURLSchemes"]
    ] == schemes


def test_the_bundle() -> None:
    plist = plistlib.loads(info_plist(SCHEMES, version="1.2", executable="account-manager"))
    assert plist["CFBundleIdentifier"] == "io.github.account-manager"
    assert plist["CFBundleShortVersionString"] == "1.2"

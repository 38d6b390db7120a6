"""Pictures in the text of an answer."""

from __future__ import annotations

import base64

import pytest

from manager.providers.avatar import LARGEST
from manager.providers.speckle.avatar import avatar_from_data_url


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64",
        "data:image/png;base64,!!!!",
        "data:image/png,GIF89a",
        "data:text/html;base64,R0lGODlh",
        "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode(),
        "data:image/gif;base64," + base64.b64encode(b"GIF89a" + bytes(LARGEST)).decode(),
    ],
)
def test_data_urls_that_hold_none(url: str) -> None:
    assert avatar_from_data_url(url) is None

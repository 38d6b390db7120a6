"""The registry values start exactly our command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.system.uri_scheme.windows import protocol_values

_PATHS = st.text(st.sampled_from("abC 1:\\.-_()&é"), min_size=1)


def _split(line: str) -> list[str]:
    """CommandLineToArgvW's rules (Microsoft, Parsing C command-line arguments)."""
    words, word, quoted, started, backslashes = [], "", False, False, 0
    for character in line:
        if character == "\\":
            backslashes += 1
            started = True
            continue
        if character == '"':
            word += "\\" * (backslashes // 2)
            if backslashes % 2:
                word += '"'
            else:
                quoted = not quoted
            started = True
        else:
            word += "\\" * backslashes
            if character in " \t" and not quoted:
                if started:
                    words.append(word)
                word, started = "", False
            else:
                word += character
                started = True
        backslashes = 0
    return [*words, word + "\\" * backslashes] if started else words


@given(_PATHS)
def test_the_command_is_what_is_started(path: str) -> None:
    *_, command = protocol_values([path, "-I", "-m", "manager"], "speckle")
    assert command.key == "Software\\Classes\\speckle\\shell\\open\\command"
    assert _split(command.text.replace("%1", "speckle://a b")) == [
        path, "-I", "-m", "manager", "handle-uri", "--", "speckle://a b",
    ]  # fmt: skip


def test_the_scheme_is_marked_as_one() -> None:
    assert ("Software\\Classes\\speckle", "URL Protocol", "") in protocol_values(["p"], "speckle")


@pytest.mark.parametrize("scheme", ["", "1a", "a\\b", "A", "a b"])
def test_no_scheme(scheme: str) -> None:
    with pytest.raises(ValueError, match="scheme"):
        protocol_values(["p"], scheme)


@pytest.mark.parametrize("path", ['a"b', "%PATH%", "a\nb"])
def test_a_path_that_windows_would_change(path: str) -> None:
    with pytest.raises(ValueError, match="Windows"):
        protocol_values([path], "speckle")

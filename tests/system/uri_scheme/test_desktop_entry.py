"""The entry starts exactly our command, whatever the path is called."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager.system.uri_scheme.desktop_entry import entry_name, handler_entry

_NAMES = st.text(
    st.sampled_from("ab /.-_:+$`\"'\\;|&<>()[]{}*?#~!éß"), min_size=1, max_size=20
).map(lambda name: "/" + name)


def _exec(entry: str) -> str:
    return next(line[5:] for line in entry.splitlines() if line.startswith("Exec="))


def _started(exec_value: str, uri: str) -> list[str]:
    """The specification's reading: the string's escapes, the shell's double quotes, field codes."""
    plain = exec_value.replace("\\\\", "\\")
    words = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {plain}"], capture_output=True, check=True
    ).stdout.decode()
    return [uri if word == "%u" else word.replace("%%", "%") for word in words.split("\0")[:-1]]


@given(_NAMES)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_what_is_started(path: str) -> None:
    entry = handler_entry([path, "-I", "50%", "100 %u"], ["speckle"])
    assert _started(_exec(entry), "speckle://x") == [
        path, "-I", "50%", "100 %u", "handle-uri", "--", "speckle://x",
    ]  # fmt: skip


@given(_NAMES)
@settings(max_examples=15, deadline=None)
def test_the_validator_is_content(path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "x.desktop")
        file.write_text(handler_entry([path, "-I"], ["io.github.account-manager", "speckle"]))
        subprocess.run(["desktop-file-validate", str(file)], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("gio") is None, reason="needs GLib's gio")
@pytest.mark.parametrize(
    "folder",
    ["plain", "with space", "dollar$(id)`id`", "quo\"te's", "back\\slash", "é;|&"],
)
def test_glib_starts_it(tmp_path: Path, folder: str) -> None:
    program = tmp_path / folder / "python"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{tmp_path}/told.new'\n"
                       f"mv '{tmp_path}/told.new' '{tmp_path}/told'\n")  # fmt: skip
    program.chmod(0o700)
    uri = "speckle://account?access_code=a%20b;$(id)&'"
    (tmp_path / "x.desktop").write_text(handler_entry([str(program), "-I"], ["speckle"]))
    done = tmp_path / "done"
    # gio comes back before the program has run; the pipe that it inherits closes when it has.
    subprocess.run(
        ["sh", "-c", f'gio launch "$0" "$1"; echo $? > "{done}"', str(tmp_path / "x.desktop"), uri],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    )
    assert done.read_text() == "0\n"
    assert (tmp_path / "told").read_text().splitlines() == ["-I", "handle-uri", "--", uri]


@pytest.mark.parametrize("path", ["", "/a\nb", "/a\x1bb", "/a=b/python", "/100%u/python"])
def test_what_an_entry_cannot_say(path: str) -> None:
    with pytest.raises(ValueError, match="desktop entry"):
        handler_entry([path], ["speckle"])


def test_only_the_taken_schemes_are_listed_and_no_menu_shows_it() -> None:
    entry = handler_entry(["/p"], ["speckle"])
    assert "MimeType=x-scheme-handler/speckle;\n" in entry
    assert "NoDisplay=true" in entry
    assert entry_name(entry) == "Account Manager"


@pytest.mark.parametrize(
    ("entry", "name"),
    [("", None), ("Name=\n", None), ("Name[de]=X\nName = Sp\x1beckle\n", "Speckle")],
)
def test_names(entry: str, name: str | None) -> None:
    assert entry_name(entry) == name

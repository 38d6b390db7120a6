"""The text of a handler's desktop entry (Desktop Entry Specification 1.5)."""

from __future__ import annotations

from collections.abc import Sequence

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%")


def handler_entry(command: Sequence[str], schemes: Sequence[str]) -> str:
    """An entry that no menu shows and that opens `schemes` with `command ... handle-uri -- URI`.

    `schemes` are those that were taken, and no other: a program that lists a scheme is offered for
    it. Raises ValueError for a program path that the specification cannot express.
    """
    if "=" in command[0] or "%" in command[0]:
        # The specification forbids the one; GLib looks for the other before it undoes its escape.
        raise ValueError("a desktop entry cannot start a program with = or % in its path")
    exec_line = " ".join([*map(_quoted, command), "handle-uri", "--", "%u"])
    types = "".join(f"x-scheme-handler/{scheme};" for scheme in schemes)
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Account Manager\n"
        "Comment=Completes a sign-in that was started in Account Manager\n"
        "Icon=io.github.account_manager\n"
        f"Exec={exec_line}\n"
        "Terminal=false\n"
        "NoDisplay=true\n"
        "StartupNotify=false\n"
        f"MimeType={types}\n"
    )


def entry_name(entry: str) -> str | None:
    """The `Name` of a desktop entry's text, None where it has none."""
    for line in entry.splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == "Name":
            return "".join(c for c in value.strip() if c.isprintable()) or None
    return None


def _quoted(argument: str) -> str:
    """One argument, quoted for Exec and then escaped as a value of type string."""
    if not argument or not argument.isprintable() or "=" in argument.rsplit("/", maxsplit=1)[-1]:
        raise ValueError("a desktop entry cannot hold this argument")
    text = argument.replace("%", "%%")
    if _PLAIN.issuperset(argument):
        return text
    for reserved in ("\\", '"', "`", "$"):
        text = text.replace(reserved, "\\" + reserved)
    # The value's own escaping comes last: the reader undoes it first.
    return '"' + text.replace("\\", "\\\\") + '"'

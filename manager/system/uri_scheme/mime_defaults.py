"""Giving a scheme back in mimeapps.list: xdg-mime sets a default but cannot take one away."""

from __future__ import annotations


def without_default(text: str, desktop_id: str, mime_type: str) -> str:
    """`text` of a mimeapps.list with `desktop_id` no longer among the programs for `mime_type`
    (MIME Applications Associations 1.0.1); every other line as it was."""
    kept = []
    for line in text.splitlines(keepends=True):
        key, equals, value = line.partition("=")
        if not equals or key.strip() != mime_type:
            kept.append(line)
            continue
        programs = [program for program in value.strip().split(";") if program]
        rest = [program for program in programs if program.strip() != desktop_id]
        if rest == programs:
            kept.append(line)
        elif rest:
            kept.append(f"{key}={';'.join(rest)};\n")
    return "".join(kept)

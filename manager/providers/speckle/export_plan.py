"""What an export changes in a file that others write to as well; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manager.core.secret import Secret, fingerprint

from .account_row import fields_of, is_default, with_default
from .accounts_file import RowChanges
from .export_record import FileRecord


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """`record`: what is ours once `changes` are made."""

    changes: RowChanges
    record: FileRecord


def planned(
    rows: Mapping[str, str], record: FileRecord, wanted: Mapping[str, str], default: str | None
) -> ExportPlan:
    """`rows`: what is in the file; `wanted`: our rows by key; `default`: the key of the account
    that the person chose, None where it is none of these.

    Programs take the first row, by key, that says it is the default, so there is one at most while
    the person's choice is in the file: a row of others loses that one word, and gets it back when
    ours goes. A row of others under the key of ours already shows the same person at the same
    server: it stays, ours is not written.
    """
    ours = {key for key, known in record.rows.items() if token_digest(rows.get(key)) in known}
    foreign = _as_they_were({key: rows[key] for key in rows if key not in ours}, record)
    written = {key: wanted[key] for key in wanted if key not in foreign}
    shown = {**foreign, **written}
    undefaulted = frozenset(
        key for key in foreign if default in shown and key != default and _is(shown, key)
    )
    defaulted = frozenset({default} if default in foreign and not _is(shown, default) else ())
    for key in undefaulted | defaulted:
        shown[key] = with_default(shown[key], default=key in defaulted)
    return ExportPlan(
        changes=RowChanges(
            put={key: shown[key] for key in shown if rows.get(key) != shown[key]},
            delete=frozenset(ours - written.keys()),
        ),
        record=FileRecord(
            rows={key: (token_digest(written[key]),) for key in written},
            undefaulted=undefaulted,
            defaulted=defaulted,
        ),
    )


def token_digest(content: str | None) -> str:
    """By which our row is known again; empty for what holds no token."""
    token = (fields_of(content) or {}).get("token")
    return fingerprint(Secret(token)) if isinstance(token, str) and token else ""


def _as_they_were(foreign: Mapping[str, str], record: FileRecord) -> dict[str, str]:
    """Before we changed which is the default; where another program has chosen anew since, its
    choice stands."""
    chosen_anew = any(_is(foreign, key) for key in foreign if key not in record.defaulted)
    restored = dict(foreign)
    for key in foreign:
        if key in record.undefaulted and not chosen_anew:
            restored[key] = with_default(foreign[key], default=True)
        elif key in record.defaulted and _is(foreign, key):
            restored[key] = with_default(foreign[key], default=False)
    return restored


def _is(rows: Mapping[str, str], key: str | None) -> bool:
    return key is not None and is_default(rows[key])

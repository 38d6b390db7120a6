"""Shows chosen accounts to today's programs of Speckle, in the file that they read."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from manager.core.credential import ApiKey
from manager.core.errors import StorageUnavailable
from manager.core.provider_abilities import ExportedAccount

from .account_row import content_of
from .accounts_file import LogStillHeld, RowChanges, rewrite
from .data_folders import folders_written
from .export_plan import ExportPlan, planned
from .export_record import ExportRecord, FileRecord

FILE = "Accounts.db"


class AccountExport:
    """See ExportsAccounts. `data`: where is remembered which rows are ours."""

    def __init__(self, environ: Mapping[str, str], data: Path) -> None:
        self._environ = environ
        self._record = ExportRecord(data)
        self._one_at_a_time = asyncio.Lock()
        self._in_threads = threading.Lock()  # a cancelled call's thread still works

    @property
    def warning(self) -> str:
        places = " and ".join(str(path) for path in self._places())
        return (
            f"The account's token is written in plain text to {places or FILE}, where every program"
            " of yours can read it."
        )

    async def export(self, accounts: Sequence[ExportedAccount]) -> None:
        rows, default = _rows(accounts)
        async with self._one_at_a_time:
            await asyncio.to_thread(self._export, rows, default)

    def _places(self) -> tuple[Path, ...]:
        return tuple(each / FILE for each in folders_written(self._environ, sys.platform))

    def _export(self, rows: Mapping[str, str], default: str | None) -> None:
        """Every file is tried, also after one has failed. Files written before and no longer in
        use lose what is ours."""
        troubles: list[StorageUnavailable] = []
        with self._in_threads:
            try:
                known = self._record.read()
            except OSError as error:
                raise _unavailable(error) from None
            places = self._places()
            for path in dict.fromkeys((*places, *known)):
                wanted = rows if path in places else {}
                record = known.get(path, FileRecord())
                if not wanted and (record.is_empty or not path.exists()):
                    continue
                try:
                    self._write(path, record, wanted, default)
                except StorageUnavailable as trouble:
                    troubles.append(trouble)
        if troubles:
            raise troubles[0]

    def _write(
        self, path: Path, record: FileRecord, wanted: Mapping[str, str], default: str | None
    ) -> None:
        plans: list[ExportPlan] = []

        def change(rows: Mapping[str, str]) -> RowChanges:
            plan = planned(rows, record, wanted, default)
            plans.append(plan)
            # Before the rows themselves: what we are killed over stays known as ours.
            self._record.write(path, _on_its_way(record, plan.record))
            return plan.changes

        try:
            rewrite(path, change)
            self._record.write(path, plans[-1].record)
        except LogStillHeld:
            self._record.write(path, replace(plans[-1].record, log_held=True))
            raise StorageUnavailable(
                f"Another program is reading {path}: a token that was taken out may still stand in"
                " its log.",
                hint="It is cleared with the next change; close the other program to be sure.",
            ) from None
        except (OSError, sqlite3.Error) as error:
            raise _unavailable(error, path) from None


def _rows(accounts: Sequence[ExportedAccount]) -> tuple[dict[str, str], str | None]:
    """One row a person and server, which is how the programs count: the default before others, a
    sign-in before a key."""
    rows: dict[str, str] = {}
    default: str | None = None
    for each in sorted(accounts, key=_rank):
        key, content = content_of(each.account, each.credential, default=each.default)
        rows.setdefault(key, content)
        default = key if each.default else default
    return rows, default


def _rank(each: ExportedAccount) -> tuple[bool, bool, str]:
    return (not each.default, isinstance(each.credential, ApiKey), each.account.id)


def _on_its_way(old: FileRecord, new: FileRecord) -> FileRecord:
    keys = {*old.rows, *new.rows}
    rows = {key: (*old.rows.get(key, ()), *new.rows.get(key, ())) for key in keys}
    return FileRecord(
        rows, old.undefaulted | new.undefaulted, old.defaulted | new.defaulted, log_held=True
    )


def _unavailable(error: OSError | sqlite3.Error, path: Path | None = None) -> StorageUnavailable:
    """Neither kind of error quotes what was written."""
    what = f"{path} could not be written" if path else "The record of exports could not be read"
    if isinstance(error, OSError):
        return StorageUnavailable(f"{what}: {error.strerror or type(error).__name__}.")
    if isinstance(error, sqlite3.OperationalError):
        return StorageUnavailable(
            f"{what}: another program keeps it locked, or the disk is full.",
            hint="It is tried again with the next change.",
        )
    return StorageUnavailable(
        f"{what}: it is damaged, or no file of Speckle's programs.",
        hint="Move it away and start such a program once.",
    )

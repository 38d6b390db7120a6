"""The accounts as rows of one flat list: a heading for each server, its accounts below it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from manager.desktop.account import Account, Group

ACCOUNT = Qt.ItemDataRole.UserRole + 1
HEADING = Qt.ItemDataRole.UserRole + 2
_Index = QModelIndex | QPersistentModelIndex


class AccountListModel(QAbstractListModel):
    """Rows are `str` (a heading) or Account."""

    def __init__(self) -> None:
        super().__init__()
        self._groups: tuple[Group, ...] = ()
        self._rows: list[str | Account] = []
        self.pictures: dict[str, QPixmap] = {}

    def fill(self, groups: tuple[Group, ...]) -> None:
        """Take another list; the same shape only repaints, so that scrolling stays where it is."""
        if groups == self._groups:
            return
        self._groups = groups
        rows: list[str | Account] = []
        for group in groups:
            rows += [group.heading, *group.accounts]
        if [_key(row) for row in rows] == [_key(row) for row in self._rows]:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            shown = (HEADING, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return row if role in shown else None
        if role == ACCOUNT:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            default = ", default" if row.is_default else ""
            what = f"{row.what}, " if row.is_key else ""
            who = f"{row.name}, {row.identity}, {what}{row.server_name}"
            return f"{who}, {row.state.value}{default}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def place(self, account_id: str | None) -> QModelIndex:
        """Where an account stands; an invalid index where it does not."""
        for number, row in enumerate(self._rows):
            if isinstance(row, Account) and row.id == account_id:
                return self.index(number)
        return QModelIndex()

    def set_picture(self, account_id: str, picture: QPixmap) -> None:
        self.pictures[account_id] = picture
        at = self.place(account_id)
        if at.isValid():
            self.dataChanged.emit(at, at)


def _key(row: str | Account) -> str:
    return row if isinstance(row, str) else f"\x00{row.id}"

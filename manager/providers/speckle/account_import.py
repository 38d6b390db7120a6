"""Accounts that today's programs of Speckle keep on this machine, found and taken over."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from manager.core.account import Server
from manager.core.credential import OAuthTokens
from manager.core.errors import AccountNotFound, CredentialsRefused, ProviderError, RefreshRefused
from manager.core.moment import Validity
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.provider_abilities import FoundAccount

from . import account_query, renewal
from .access_token import key_scopes, recognised
from .account_export import FILE
from .account_row import AccountRow, BadRow, parsed
from .accounts_file import read_rows
from .data_folders import folders_read
from .export_plan import token_digest
from .export_record import ExportRecord, FileRecord
from .speckle_server import SpeckleServer, TokenNotValid

_FOLDER = "Accounts"
_MOST_FILES = 200
_LARGEST = 256 << 10  # bytes of one account's file


@dataclass(frozen=True, slots=True)
class _Entry:
    """`row`: what is in it, or the sentence why nothing is."""

    source: Path
    key: str
    row: AccountRow | str

    @property
    def usable(self) -> bool:
        return not isinstance(self.row, str)


class AccountImport:
    """See FindsAccounts. Reads only, and never what we have written ourselves."""

    def __init__(
        self,
        environ: Mapping[str, str],
        data: Path,
        at: Callable[[str], SpeckleServer],
        clock: Clock,
    ) -> None:
        self._environ = environ
        self._record = ExportRecord(data)
        self._at = at
        self._clock = clock

    async def found(self) -> Sequence[FoundAccount]:
        """Each person at each server once: what can be used before what cannot."""
        entries = await asyncio.to_thread(self._entries)
        shown = [_shown(each) for each in sorted(entries, key=lambda each: not each.usable)]
        return list({each.id: each for each in reversed(shown)}.values())[::-1]

    async def take_over(self, found_id: str) -> SignInResult:
        """Where several entries are of one person at one server, the first that is accepted."""
        refused: CredentialsRefused | AccountNotFound = AccountNotFound(
            "This account is not there any more.", hint="Look once more what can be taken over."
        )
        for entry in await asyncio.to_thread(self._entries):
            if _id(entry) != found_id:
                continue
            if isinstance(entry.row, str):
                raise AccountNotFound(f"{entry.source}: {entry.row}", hint="Sign in instead.")
            try:
                return await self._taken_over(entry.row)
            except CredentialsRefused as no:
                refused = no
        raise refused

    async def _taken_over(self, row: AccountRow) -> SignInResult:
        """One with a refresh token is a sign-in of some app; one without holds a key."""
        server = self._at(row.server_url)
        if row.refresh_token is None:
            return await recognised(server, row.token, self._clock, imported=True)
        return await self._signed_in(server, row)

    async def _signed_in(self, server: SpeckleServer, row: AccountRow) -> SignInResult:
        """The app that it belongs to is not written down and found by trying, once it must be
        renewed: not before, since a server that rotates would take the token from its owner."""
        issued = self._clock.now()
        tokens = OAuthTokens(
            access_token=row.token,
            token_type="Bearer",  # noqa: S106  # the type, no token
            validity=Validity(issued, None),
            token_endpoint=f"{server.origin}/auth/token",
            client=renewal.UNKNOWN_APP,
            refresh_token=row.refresh_token,
            revocation_endpoint=f"{server.origin}/auth/logout",
            imported=True,
        )
        answer = await server.graphql(account_query.PASTED, {}, row.token)
        if isinstance(answer, TokenNotValid) or (
            answer.data.get("activeUser") is None and not answer.errors
        ):
            tokens = await self._renewed(server, tokens)
            answer = await server.graphql(account_query.PASTED, {}, tokens.access_token)
        identity = None
        if not isinstance(answer, TokenNotValid):
            identity = account_query.identity(answer.data)
        if isinstance(answer, TokenNotValid) or identity is None:
            raise ProviderError("The server accepts the token, but does not say whose it is.")
        scopes = key_scopes(answer, tokens.access_token)
        return SignInResult(
            server=Server(server.origin, account_query.server_name(answer.data, server.origin)),
            identity=identity,
            credential=replace(tokens, scopes=scopes),
            scopes=scopes,
        )

    async def _renewed(self, server: SpeckleServer, tokens: OAuthTokens) -> OAuthTokens:
        place = Server(server.origin, server.origin)
        try:
            refreshed = await renewal.refresh(server, place, tokens, self._clock)
        except RefreshRefused:
            raise CredentialsRefused(
                "The server does not accept this sign-in any more.", hint="Sign in anew instead."
            ) from None
        renewed = refreshed.credential
        return renewed if isinstance(renewed, OAuthTokens) else tokens

    # Reading ------------------------------------------------------------------------------------

    def _entries(self) -> list[_Entry]:
        try:
            record = self._record.read()
        except OSError:
            record = {}
        found: list[_Entry] = []
        for folder in folders_read(self._environ, sys.platform):
            found += _database(folder / FILE, record)
            found += _files(folder / _FOLDER)
        return found


def _database(path: Path, record: Mapping[Path, FileRecord]) -> Iterator[_Entry]:
    ours = record.get(path, FileRecord()).rows
    try:
        rows = read_rows(path)
    except FileNotFoundError:
        return
    except OSError as error:
        yield _Entry(path, "", f"It cannot be read: {error.strerror or type(error).__name__}.")
        return
    except sqlite3.OperationalError:
        yield _Entry(path, "", "Another program keeps it locked just now; look again later.")
        return
    except sqlite3.Error:
        yield _Entry(path, "", "It is damaged, or no file of Speckle's programs.")
        return
    for key, content in rows:
        text = content if isinstance(content, str) else None
        if key not in ours or token_digest(text) not in ours[key]:
            yield _entry(path, key, content)


def _files(folder: Path) -> Iterator[_Entry]:
    """Written by hand, or by a program of the second version; those also look into folders."""
    try:
        paths = sorted(islice(folder.rglob("*.json"), _MOST_FILES))
    except OSError:
        return
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST)
        except OSError as error:
            yield _Entry(path, "", f"It cannot be read: {error.strerror or type(error).__name__}.")
        else:
            yield _entry(path, "", content)


def _entry(path: Path, key: str, content: object) -> _Entry:
    try:
        return _Entry(path, key, parsed(content))
    except BadRow as bad:
        return _Entry(path, key, str(bad))


def _id(entry: _Entry) -> str:
    who = (str(entry.source), entry.key) if isinstance(entry.row, str) else entry.row.person
    return hashlib.sha256("\0".join(who).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _shown(entry: _Entry) -> FoundAccount:
    if isinstance(entry.row, str):
        return FoundAccount(_id(entry), str(entry.source), "", entry.source.name, entry.row)
    row = entry.row
    return FoundAccount(
        _id(entry), str(entry.source), row.server_url, row.email or row.name or "Speckle user"
    )

"""Which vault keeps the keys: the session's keychain, or a file. The person says so, once.

Neither ever takes the other's place by itself: an account whose key is in the other one would look
as if it were signed out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from manager.core.errors import PersonCanAct
from manager.storage.settings import Settings
from manager.storage.vault import FileVault
from manager.system.paths import Folders

_log = logging.getLogger(__name__)
_SECTION, _NAME = "keychain", "vault"


class VaultKind(StrEnum):
    SYSTEM = "system"
    FILE = "file"


class VaultUnclear(PersonCanAct):
    """What the settings say about the vault cannot be followed."""

    default_hint = "Start with account-manager agent --vault=file, or --vault=system, once."


def chosen_vault(
    asked: VaultKind | None, settings: Mapping[str, Any], *, file_stands: bool
) -> VaultKind:
    """What the command line asks for, else what the settings remember, else the keychain.

    Raises VaultUnclear for settings that name another one, and where a vault's file stands that
    nothing speaks of: the keys of accounts may be in it.
    """
    if asked is not None:
        return asked
    remembered = _remembered(settings)
    if remembered is not None:
        return remembered
    if file_stands:
        raise VaultUnclear(
            "A file vault is here, but the settings do not say whether it is to be used."
        )
    return VaultKind.SYSTEM


def vault_of(asked: VaultKind | None, folders: Folders) -> FileVault | None:
    """The file vault where it is the chosen one, None for the system's keychain. Raises
    VaultUnclear, SettingsUnreadable, StorageUnavailable."""
    vault = FileVault(folders.data)
    settings = Settings(folders.config).read()
    kind = chosen_vault(asked, settings, file_stands=vault.made)
    return vault if kind is VaultKind.FILE else None


def remember_vault(asked: VaultKind | None, folders: Folders) -> None:
    """Write a choice of the command line down, so that an agent that a program starts follows it.

    Raises SettingsUnreadable, StorageUnavailable.
    """
    settings = Settings(folders.config)
    remembered = _remembered(settings.read())
    if asked is None or asked is remembered:
        return
    if asked is VaultKind.SYSTEM and remembered is None and not FileVault(folders.data).made:
        return  # as ever
    settings.write(_SECTION, _NAME, asked.value)
    _log.warning("from now on keys are kept in the %s vault", asked.value)
    if (folders.data / "accounts.db").exists():
        _log.warning("accounts of before, if any, sign in again; their keys stay where they are")


def _remembered(settings: Mapping[str, Any]) -> VaultKind | None:
    section = settings.get(_SECTION, {})
    named = section.get(_NAME) if isinstance(section, dict) else section
    if named is None:
        return None
    try:
        return VaultKind(named)
    except ValueError:
        raise VaultUnclear(
            "The settings name a vault that does not exist ([keychain] vault)."
        ) from None

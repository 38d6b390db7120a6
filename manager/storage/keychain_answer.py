"""What a keychain can answer: six things, and only one of them may mean "signed out"."""

from __future__ import annotations

from dataclasses import dataclass

from manager.core.errors import (
    AccountManagerError,
    KeychainDenied,
    KeychainLocked,
    KeychainUnavailable,
    KeyCorrupt,
    KeyMissing,
)

from .keychain_item import KeyItem


@dataclass(frozen=True, slots=True)
class Found:
    item: KeyItem


@dataclass(frozen=True, slots=True)
class Missing:
    """The keychain is open, was searched, and has no such item."""


@dataclass(frozen=True, slots=True)
class Locked:
    """There, but closed, or without the collection that items go to: says nothing about items."""

    error: KeychainLocked


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing answers, or not in time: says nothing about items."""

    error: KeychainUnavailable


@dataclass(frozen=True, slots=True)
class Denied:
    """This program or this moment was refused: says nothing about items."""

    error: KeychainDenied


@dataclass(frozen=True, slots=True)
class Corrupt:
    """An item is there and is not what was stored."""

    error: KeyCorrupt


@dataclass(frozen=True, slots=True)
class Done:
    """A write or a deletion was carried out."""


Refusal = Locked | Unavailable | Denied
Reading = Found | Missing | Corrupt | Refusal
Writing = Done | Refusal


def refusal(error: KeychainLocked | KeychainUnavailable | KeychainDenied) -> Refusal:
    """The answer that an error stands for."""
    if isinstance(error, KeychainLocked):
        return Locked(error)
    if isinstance(error, KeychainDenied):
        return Denied(error)
    return Unavailable(error)


def error_of(answer: Missing | Corrupt | Refusal) -> AccountManagerError:
    """What a use case hears of an answer that is no success."""
    if isinstance(answer, Missing):
        return KeyMissing("The keychain has no key for this account.")
    return answer.error

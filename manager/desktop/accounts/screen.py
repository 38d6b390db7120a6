"""What the accounts page shows, as values: the presenter makes them, the view draws them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from manager.desktop.account import Account, Group


class Page(Enum):
    CONNECTING = "connecting"
    UNREACHABLE = "unreachable"
    EMPTY = "empty"
    LIST = "list"


class Tone(Enum):
    """How loud; each has a colour in the theme."""

    NEUTRAL = "neutral"
    POSITIVE = "positive"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Banner:
    """One thing to know or to do. `action` names what the view asks of the presenter."""

    tone: Tone
    title: str
    text: str = ""
    action: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """The chosen account, ready to be drawn."""

    account: Account
    tone: Tone
    validity: str
    validity_after: str
    chips: tuple[tuple[str, str], ...]
    """(words, the scope's own name)"""
    roles: tuple[tuple[str, str], ...]
    moved: str
    """Where the server was before, empty where it has not moved."""
    can_copy: bool
    """There is a token that could be copied."""
    default_words: str
    can_make_default: bool
    sign_out_words: str
    banner: Banner | None = None
    busy: str = ""
    """What is under way with it, empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Screen:
    page: Page
    groups: tuple[Group, ...] = ()
    details: Details | None = None
    banners: tuple[Banner, ...] = ()
    footer: str = ""
    searchable: bool = False
    query: str = ""
    trouble: str = ""
    hint: str = ""

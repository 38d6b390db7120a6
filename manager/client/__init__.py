"""What a connector uses: `Client` (sync), `AsyncClient`, and their errors.

Standard library only, Python 3.9 or newer, relative imports: a plug-in may copy this folder whole.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it; the real one would load typing
if TYPE_CHECKING:
    from .async_client import AsyncClient
    from .client import Client
    from .errors import AccountManagerError
    from .values import Account, Avatar, Event, Token, Variables

_HOMES = {
    "Client": "client",
    "AsyncClient": "async_client",
    "Account": "values",
    "Avatar": "values",
    "Event": "values",
    "Token": "values",
    "Variables": "values",
    "AccountManagerError": "errors",
}
__all__ = [
    "Account",
    "AccountManagerError",
    "AsyncClient",
    "Avatar",
    "Client",
    "Event",
    "Token",
    "Variables",
]


def __getattr__(name: str) -> object:
    """Import by need: `account-manager token` must not pay for asyncio."""
    from importlib import import_module  # noqa: PLC0415

    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("." + home, __name__), name)

"""Private-use URI schemes: who handles them, and taking and giving them back."""

from __future__ import annotations

from dataclasses import dataclass

from manager.core.errors import PersonCanAct

OWN_SCHEME = "io.github.account-manager"
SPECKLE_SCHEME = "speckle"
SCHEMES = (OWN_SCHEME, SPECKLE_SCHEME)


class SchemeRegistrationFailed(PersonCanAct):
    """The desktop's registry of schemes could not be read or changed."""

    default_hint = "Install xdg-utils and desktop-file-utils, then try again."


@dataclass(frozen=True, slots=True)
class SchemeStatus:
    """Who opens addresses of `scheme`. `handler`: the system's id of the program, None for nobody;
    `handler_name`: what people call it."""

    scheme: str
    ours: bool
    handler: str | None = None
    handler_name: str | None = None

    @property
    def taken(self) -> bool:
        """Whether another program would lose it."""
        return self.handler is not None and not self.ours

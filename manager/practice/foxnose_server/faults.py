"""Faults of FoxNose, and what its documents leave open."""

from __future__ import annotations

from dataclasses import dataclass

from manager.practice.faults import HttpFaults

_CHOICES = {
    "key_paths": ("both", "permissions", "roles"),
    "key_body": ("real", "seed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoxNoseFaults(HttpFaults):
    refresh_path: str = "/account/auth/refresh/"
    """Where pairs are renewed: the documents that we have name no path."""
    access_lifetime: int = 86_400
    """Seconds; 24 hours, as documented."""
    refresh_lifetime: int = 604_800
    """Seconds; 7 days, as documented."""
    rotation: bool = True
    key_paths: str = "both"
    """Where keys are managed: `permissions` (the SDK), `roles` (the documents), or `both`."""
    key_body: str = "real"
    """What makes a key: `real` {"description", "role"}, or `seed` {"name", "roles"}."""
    email_claim: bool = False
    """Access tokens name the person's address, too."""
    clock_tolerance: float = 300.0
    """Seconds that the date of a signed request may be off."""
    replay_protection: bool = True
    """A signature counts once."""
    open_api: bool = False
    """The Flux API asks nobody who they are (`is_auth_required` false)."""
    refuse_everybody: str = ""
    """An error code that every authenticated request is answered with: `permission_denied`..."""

    def __post_init__(self) -> None:
        # Named: in a class with slots the zero-argument super() is bound to the class before them.
        HttpFaults.__post_init__(self)
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} cannot be {getattr(self, name)}")

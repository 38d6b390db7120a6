"""What the person typed into the first step, as the agent is asked for it."""

from __future__ import annotations

from .steps import EnterAddress


def plausible(text: str) -> bool:
    """Could this be an address, or is it still being typed?"""
    host = text.strip().removeprefix("https://").removeprefix("http://").split("/")[0]
    if " " in text.strip() or not host or host.endswith("."):
        return False
    return "." in host.strip(".") or host.startswith(("localhost", "["))


def given(step: EnterAddress) -> dict[str, object]:
    """Parameters of `sign_in.begin`: those that are filled in."""
    params: dict[str, object] = {}
    if step.client_id.strip():
        params["client_id"] = step.client_id.strip()
    if step.client_secret:
        params["client_secret"] = step.client_secret
    if step.scopes.split():
        params["scopes"] = step.scopes.split()
    if step.redirect:
        params["redirect"] = step.redirect
    return params

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
    """Parameters of `sign_in.begin`: the way that is gone, and what is filled in for it."""
    way = step.chosen_way
    params: dict[str, object] = {"method": way.method}
    if way.form:
        params["form"] = way.form
    if step.named_kind is not None and step.named_kind.dialect:
        params["dialect"] = step.named_kind.dialect
    if step.account is not None:
        params["account"] = step.account
    if way.method == "form":
        return params
    if step.client_id.strip():
        params["client_id"] = step.client_id.strip()
    if step.client_secret:
        params["client_secret"] = step.client_secret
    if step.scopes.split():
        params["scopes"] = step.scopes.split()
    if step.redirect and way.method == "browser":
        params["redirect"] = step.redirect
    return params

"""Which way to sign in where no browser can open: chosen from what the server offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manager.system.headless import FORCED, Surroundings


@dataclass(frozen=True, slots=True)
class SignInChoice:
    """What to ask the agent for; None: its own choice. `why`: one line for the person, empty where
    nothing was chosen for them. `opens_browser`: whether to try."""

    method: str | None
    redirect: str | None
    opens_browser: bool
    why: str = ""


def chosen_way(
    offered: Sequence[str],
    redirects: Sequence[str],
    asked: SignInChoice,
    around: Surroundings,
) -> SignInChoice:
    """A code for another device where the server has one; a form where the server prefers it; else
    the link, whose answer is pasted. What the person asked for is never changed.

    `offered`: `sign_in_methods` of the probe, the best first; `redirects`: its `redirect_methods`.
    """
    if not around.headless or asked.method or asked.redirect or not asked.opens_browser:
        return asked
    start = f"No browser can open here ({around.why}), so "
    if "device" in offered:
        why = start + "you get a code to enter on another device."
        return SignInChoice("device", None, opens_browser=False, why=why + _otherwise(offered))
    if not offered or offered[0] == "form" or "browser" not in offered:
        return asked
    paste = "paste" if "paste" in redirects else None
    way_back = "paste back the address where it ends" if paste else "its answer must come back here"
    why = f"{start}open the link on any device; {way_back}."
    others = [each for each in offered if each != "browser"]
    return SignInChoice(
        "browser", paste, opens_browser=False, why=why + _otherwise(["browser", *others], "browser")
    )


def texts(answer: Mapping[str, object], name: str) -> list[str]:
    """A list of str in an answer of the agent; of an older one, nothing."""
    found = answer.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _otherwise(offered: Sequence[str], chosen: str = "device") -> str:
    others = [f"--method {each}" for each in offered if each != chosen]
    return f" Otherwise: {', '.join([*others, f'{FORCED}=0'])}."

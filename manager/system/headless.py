"""Whether a browser can open in front of the person: from the environment and a few facts."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FORCED = "ACCOUNT_MANAGER_HEADLESS"
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
_AUTOMATED = (
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "BUILDKITE",
    "CIRCLECI",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "TF_BUILD",
)
_HOSTED = {
    "KUBERNETES_SERVICE_HOST": "this is a Kubernetes pod",
    "AWS_LAMBDA_FUNCTION_NAME": "this is a cloud function",
    "K_SERVICE": "this is a cloud function",
    "RENDER": "this is a hosted service",
}
_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """`platform`: as sys.platform. `container`: a container's runtime left its mark.
    `browser_program`: $BROWSER names a program that is here, such as an editor's that opens the
    browser of the machine in front of the person."""

    platform: str
    container: bool = False
    browser_program: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`why`: half a sentence, why no browser can open (or, where one can, why not)."""

    headless: bool
    why: str


def surroundings(environ: Mapping[str, str], facts: MachineFacts) -> Surroundings:
    """What the person said counts most, then what a program says that knows the way to their
    browser, then who works here, then whether there is a display. A Wayland session is one."""
    said = environ.get(FORCED, "").strip().casefold()
    if said in _YES or said in _NO:
        return Surroundings(said in _YES, f"{FORCED} says so")
    if facts.browser_program:
        return Surroundings(headless=False, why="BROWSER names a program that opens one")
    nobody = _nobody_here(environ)
    if nobody:
        return Surroundings(headless=True, why=nobody)
    if _over_ssh(environ):
        return Surroundings(headless=True, why="you are connected over SSH")
    if facts.platform in {"win32", "darwin"}:
        return Surroundings(headless=False, why="there is a display")
    if environ.get("WAYLAND_DISPLAY") or environ.get("DISPLAY"):
        return Surroundings(headless=False, why="there is a display")
    if facts.container or environ.get("container"):
        return Surroundings(headless=True, why="this is a container")
    return Surroundings(headless=True, why="there is no display")


def here(environ: Mapping[str, str] = os.environ) -> Surroundings:
    """Those of this process."""
    facts = MachineFacts(
        platform=sys.platform,
        container=any(Path(name).exists() for name in _CONTAINER_FILES),
        browser_program=any(
            shutil.which(each, path=environ.get("PATH"))
            for each in environ.get("BROWSER", "").split(":")
            if each
        ),
    )
    return surroundings(environ, facts)


def _nobody_here(environ: Mapping[str, str]) -> str:
    for name in _AUTOMATED:
        if environ.get(name, "").casefold() not in {"", *_NO}:
            return f"this is an automated run ({name} is set)"
    for name, why in _HOSTED.items():
        if environ.get(name):
            return why
    return ""


def _over_ssh(environ: Mapping[str, str]) -> bool:
    """A forwarded display counts as none: a browser over it is the far machine's, and slow."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"))

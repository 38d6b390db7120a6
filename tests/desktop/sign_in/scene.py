"""A sign-in sheet that only remembers, on the sample agent: the stage of these tests."""

from __future__ import annotations

import asyncio
from typing import Any

from manager.desktop.account import Account
from manager.desktop.sign_in.presenter import SignInPresenter
from manager.desktop.sign_in.schemes import Holder, SchemesUnavailable
from manager.desktop.sign_in.steps import Pending, Step, TakeOver
from tests.desktop.sample_gateway import (
    FORMS,
    NOON,
    NORTH,
    SPECKLE,
    STUDIO,
    SampleGateway,
    until,
)

PROBE = {
    "provider": "speckle",
    "name": "Speckle",
    "url": SPECKLE[0],
    "sign_in_methods": ["browser"],
    "redirect_methods": ["scheme", "loopback"],
    "needs": [],
}
NEEDS_CLIENT = {
    **PROBE,
    "provider": "oidc",
    "url": NORTH[0],
    "needs": ["client_id"],
    "redirect_uris": {"scheme": "io.github.account-manager:/cb", "loopback": "http://127.0.0.1/cb"},
}


EVERY_WAY = {
    **PROBE,
    "provider": "harbour",
    "provider_name": "Harbour Cloud",
    "name": "Harbour Studio",
    "url": STUDIO[0],
    "sign_in_methods": ["browser", "device", "form"],
    "forms": FORMS,
    "dialect": "",
}


class RecordingSheet:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.others: tuple[Pending, ...] = ()
        self.closed = 0
        self.opened: list[str] = []
        self.browser = True
        self.welcomed: list[tuple[str, bool]] = []
        self.waiting: tuple[Pending, ...] = ()

    def show_step(self, step: Step, others: tuple[Pending, ...]) -> None:
        self.steps.append(step)
        self.others = others

    def close(self) -> None:
        self.closed += 1

    async def open_browser(self, url: str) -> bool:
        self.opened.append(url)
        return self.browser

    def signed_in(self, account: Account, renewed: bool) -> None:
        self.welcomed.append((account.id, renewed))

    def waiting_changed(self, waiting: tuple[Pending, ...]) -> None:
        self.waiting = waiting


class SampleSchemes:
    """`others`: scheme -> the program that has it."""

    def __init__(self) -> None:
        self.ours: list[str] = []
        self.others: dict[str, str] = {}
        self.broken = False

    async def holder(self, scheme: str) -> Holder:
        if self.broken:
            raise SchemesUnavailable("xdg-mime is missing.", "Install xdg-utils.")
        return Holder(scheme in self.ours, self.others.get(scheme, ""))

    async def take(self, scheme: str, *, from_another: bool) -> None:
        assert from_another or scheme not in self.others
        self.others.pop(scheme, None)
        self.ours.append(scheme)


class Scene:
    def __init__(self, patient: Any) -> None:
        self.gateway = SampleGateway()
        self.gateway.probes["app.speckle.systems"] = PROBE
        self.gateway.probes[SPECKLE[0]] = PROBE
        self.gateway.probes["id.example"] = NEEDS_CLIENT
        self.gateway.probes["harbour.example"] = EVERY_WAY
        self.gateway.probes[STUDIO[0]] = EVERY_WAY
        self.view = RecordingSheet()
        self.schemes = SampleSchemes()
        self.presenter = SignInPresenter(
            self.gateway, self.view, self.schemes, lambda: float(NOON), patient
        )

    @property
    def step(self) -> Any:
        return self.presenter.step

    async def to_the_question(self) -> None:
        self.schemes.others["speckle"] = "Speckle Manager"
        await self.presenter.open()
        await self.presenter.typed("app.speckle.systems")
        await self.presenter.begin()
        assert isinstance(self.step, TakeOver)
        assert self.view.opened == []

    async def to(self, way: str, group: asyncio.TaskGroup) -> None:
        """By a way of the server that has them all, until the agent is waited for."""
        before = len(self.gateway.called("sign_in.wait"))
        await self.presenter.open()
        await self.presenter.typed("harbour.example")
        self.presenter.change(way=way)
        group.create_task(self.presenter.begin())
        await until(lambda: len(self.gateway.called("sign_in.wait")) > before)

    async def to_the_browser(self, group: asyncio.TaskGroup) -> None:
        await self.presenter.open()
        await self.presenter.typed("app.speckle.systems")
        group.create_task(self.presenter.begin())
        await until(lambda: bool(self.gateway.called("sign_in.wait")))

"""The sign-in sheet without any Qt: every way through it, and no dead end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from manager.desktop.account import read_account
from manager.desktop.gateway import GatewayError
from manager.desktop.sign_in.catalogue import Preset
from manager.desktop.sign_in.probe import Found, NotAsked, Refused
from manager.desktop.sign_in.steps import Done, Ended, EnterAddress, Waiting
from tests.desktop.sample_gateway import (
    NOON,
    NORTH,
    SPECKLE,
    account,
    until,
)
from tests.desktop.sign_in.scene import Scene

pytestmark = pytest.mark.anyio


@pytest.fixture
def scene(patient: Any) -> Scene:
    return Scene(patient)


async def test_the_whole_way(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        await until(lambda: scene.view.opened == [scene.step.url])
        assert scene.step.left(NOON + 19) == "9:41"
        scene.gateway.finish("sign-in-1")
    assert isinstance(scene.step, Done)
    assert scene.view.welcomed == [("account-90", False)]
    assert scene.view.waiting == ()


async def test_presets_are_the_persons_servers_first_then_the_catalogue(scene: Scene) -> None:
    await scene.presenter.open(recent=(Preset("Northbridge", NORTH[0] + "/"),))
    assert [preset.name for preset in scene.step.presets] == ["Northbridge", "Speckle"]


async def test_a_preset_goes_to_the_browser_with_one_click(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.presenter.open()
        group.create_task(scene.presenter.choose_preset(SPECKLE[0]))
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        scene.gateway.finish("sign-in-1")


async def test_half_an_address_asks_nobody(scene: Scene) -> None:
    await scene.presenter.open()
    await scene.presenter.typed("app")
    assert isinstance(scene.step.probe, NotAsked)
    assert scene.gateway.called("servers.probe") == []


async def test_only_the_last_text_is_asked_for(scene: Scene) -> None:
    typed = asyncio.Event()

    async def pause(seconds: float) -> None:
        await typed.wait()

    scene.presenter._pause = pause
    await scene.presenter.open()
    async with asyncio.TaskGroup() as group:
        for text in ("app.s", "app.speckle", "app.speckle.systems"):
            group.create_task(scene.presenter.typed(text))
        await asyncio.sleep(0)
        typed.set()
    assert scene.gateway.called("servers.probe") == [{"url": "app.speckle.systems"}]
    assert scene.step.probe.name == "Speckle"


async def test_an_address_without_a_server_says_why_and_keeps_the_field(scene: Scene) -> None:
    await scene.presenter.open()
    await scene.presenter.typed("nowhere.example")
    assert isinstance(scene.step.probe, Refused)
    assert scene.step.probe.problem.hint
    assert not scene.step.ready
    await scene.presenter.typed("app.speckle.systems")
    assert scene.step.ready


async def test_a_client_id_is_asked_for_with_what_to_register(scene: Scene) -> None:
    await scene.presenter.open()
    await scene.presenter.typed("id.example")
    assert scene.step.needs_client
    assert not scene.step.ready
    assert scene.step.redirect_uri == "io.github.account-manager:/cb"
    scene.presenter.change(redirect="loopback")
    assert scene.step.redirect_uri == "http://127.0.0.1/cb"
    await scene.presenter.begin()
    assert scene.gateway.called("sign_in.begin") == []
    scene.presenter.change(client_id=" native ", client_secret="s3cret-value", scopes="a  b")
    assert "s3cret-value" not in repr(scene.step)
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.presenter.begin())
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        scene.gateway.finish("sign-in-1")
    assert scene.gateway.called("sign_in.begin") == [
        {
            "server": NORTH[0],
            "provider": "oidc",
            "method": "browser",
            "client_id": "native",
            "client_secret": "s3cret-value",
            "scopes": ["a", "b"],
            "redirect": "loopback",
        }
    ]


async def test_enter_before_the_probe_came_asks_first(scene: Scene) -> None:
    await scene.presenter.open()
    scene.presenter.step = EnterAddress(text="id.example")
    await scene.presenter.begin()
    assert isinstance(scene.step.probe, Found)
    assert scene.gateway.called("sign_in.begin") == []


async def test_a_refused_begin_stays_on_the_step(scene: Scene) -> None:
    scene.gateway.failing["sign_in.begin"] = GatewayError(
        "too_many", "Another waits.", "Finish it."
    )
    await scene.presenter.open()
    await scene.presenter.typed("app.speckle.systems")
    await scene.presenter.begin()
    assert isinstance(scene.step, EnterAddress)
    assert scene.step.trouble is not None
    assert scene.step.trouble.text == "Another waits."
    assert scene.step.ready


async def test_no_browser_is_no_dead_end(scene: Scene) -> None:
    scene.view.browser = False
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        await until(lambda: not scene.step.browser_opened)
        scene.view.browser = True
        await scene.presenter.open_browser_again()
        assert scene.step.browser_opened
        scene.gateway.finish("sign-in-1")


async def test_a_wrong_answer_can_be_pasted_again(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        scene.gateway.failing["sign_in.complete"] = GatewayError("invalid_request", "Not this one.")
        await scene.presenter.paste("https://x.example/?code=1")
        assert scene.step.trouble.text == "Not this one."
        assert not scene.step.checking
        del scene.gateway.failing["sign_in.complete"]
        await scene.presenter.paste(" speckle://account?access_code=abc ")
    assert isinstance(scene.step, Done)
    assert scene.view.welcomed == [("account-90", False)]
    pasted = scene.gateway.called("sign_in.complete")[-1]
    assert pasted == {"uri": "speckle://account?access_code=abc"}


async def test_cancelling_tells_the_agent_and_closes(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        await scene.presenter.cancel()
    assert scene.gateway.called("sign_in.cancel") == [{"sign_in": "sign-in-1"}]
    assert scene.view.closed == 1
    assert scene.view.waiting == ()
    assert scene.step is None


async def test_a_hidden_sign_in_goes_on_and_ends_well(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        scene.presenter.hide()
        assert [one.sign_in for one in scene.view.waiting] == ["sign-in-1"]
        scene.presenter.show_waiting("sign-in-1")
        assert isinstance(scene.step, Waiting)
        scene.presenter.hide()
        scene.gateway.finish("sign-in-1")
    assert scene.step is None
    assert scene.view.welcomed == [("account-90", False)]


async def test_several_wait_at_once_and_each_ends_by_itself(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        await scene.presenter.open()
        assert [one.sign_in for one in scene.view.others] == ["sign-in-1"]
        await scene.presenter.typed("app.speckle.systems")
        group.create_task(scene.presenter.begin())
        await until(lambda: len(scene.gateway.called("sign_in.wait")) == 2)
        scene.gateway.finish("sign-in-1")
        await until(lambda: len(scene.view.waiting) == 1)
        assert isinstance(scene.step, Waiting)
        assert scene.step.sign_in == "sign-in-2"
        scene.gateway.finish("sign-in-2", account(91, "B", "b", SPECKLE))
    assert [one for one, _ in scene.view.welcomed] == ["account-90", "account-91"]


async def test_a_failed_sign_in_says_why_and_can_be_tried_again(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        denied = GatewayError("sign_in_denied", "The server said no.", "Allow the access.")
        scene.gateway.sign_ins.clear()
        scene.gateway.finished["sign-in-1"].set_exception(denied)
    assert isinstance(scene.step, Ended)
    assert scene.step.trouble.hint == "Allow the access."
    await scene.presenter.retry(None)
    assert isinstance(scene.step, EnterAddress)
    assert scene.step.text == SPECKLE[0]
    assert isinstance(scene.step.probe, Found)


async def test_what_was_typed_stands_there_again_but_for_the_secret(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.presenter.open()
        await scene.presenter.typed("app.speckle.systems")
        scene.presenter.change(client_id="mine", client_secret="a secret", redirect="loopback")
        group.create_task(scene.presenter.begin())
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        scene.gateway.sign_ins.clear()
        scene.gateway.finished["sign-in-1"].set_exception(GatewayError("sign_in_denied", "No."))
    await scene.presenter.retry(None)
    step = scene.step
    assert isinstance(step, EnterAddress)
    assert (step.client_id, step.client_secret, step.redirect) == ("mine", "", "loopback")
    assert step.ready


async def test_signing_in_again_names_the_account(scene: Scene) -> None:
    alice = read_account(scene.gateway.accounts[0])
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.presenter.again(alice))
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        scene.gateway.finish("sign-in-1", scene.gateway.accounts[0])
    begun = scene.gateway.called("sign_in.begin")
    assert begun == [{"server": SPECKLE[0], "account": "account-1"}]
    assert isinstance(scene.step, Done)
    assert scene.step.renewed


async def test_after_somebody_else_the_server_is_to_ask_who_it_is(scene: Scene) -> None:
    alice = read_account(scene.gateway.accounts[0])
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.presenter.again(alice))
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        other = GatewayError("identity_mismatch", "bob signed in, but alice was expected.")
        scene.gateway.finished["sign-in-1"].set_exception(other)
    scene.gateway.failing["sign_in.begin"] = GatewayError("server_unreachable", "Away.")
    await scene.presenter.retry(alice)
    first, second = scene.gateway.called("sign_in.begin")
    assert "select_account" not in first
    assert second["select_account"] is True


async def test_signing_in_again_at_a_server_that_is_away(scene: Scene) -> None:
    alice = read_account(scene.gateway.accounts[0])
    away = GatewayError("server_unreachable", "The server does not answer.", "Try later.")
    scene.gateway.failing["sign_in.begin"] = away
    await scene.presenter.again(alice)
    assert isinstance(scene.step, Ended)
    assert scene.step.account == "account-1"

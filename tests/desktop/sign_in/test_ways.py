"""The choice of a way to sign in, and the code for another device, without any Qt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from manager.desktop.gateway import GatewayError
from manager.desktop.sign_in.probe import found
from manager.desktop.sign_in.steps import Done, Ended, EnterAddress, EnterCode, FillIn, Waiting
from tests.desktop.sample_gateway import NOON, STUDIO, account, until
from tests.desktop.sign_in.scene import EVERY_WAY, PROBE, Scene

pytestmark = pytest.mark.anyio


@pytest.fixture
def scene(patient: Any) -> Scene:
    return Scene(patient)


async def test_the_ways_are_offered_and_the_best_is_chosen(scene: Scene) -> None:
    await scene.presenter.open()
    await scene.presenter.typed("harbour.example")
    assert [(way.key, way.title) for way in scene.step.ways] == [
        ("browser", "In the browser"),
        ("device", "With a code on another device"),
        ("form:password", "E-mail and password"),
        ("form:token", "Access token"),
        ("form:session", "User name and key"),
    ]
    assert scene.step.chosen_way.key == "browser"
    assert scene.step.probe.sentence == "Harbour Cloud · speckle.harbour-studio.example"
    scene.presenter.change(way="form:token")
    assert scene.step.chosen_way.title == "Access token"


async def test_the_servers_order_counts() -> None:
    forms_first = found({**EVERY_WAY, "sign_in_methods": ["form", "telepathy", "browser"]})
    assert [way.key for way in forms_first.ways][::3] == ["form:password", "browser"]


async def test_one_way_is_said_and_not_asked(scene: Scene) -> None:
    await scene.presenter.open()
    await scene.presenter.typed("app.speckle.systems")
    assert scene.step.probe.sentence == "app.speckle.systems · in the browser"


async def test_a_server_without_any_way_that_we_know_is_not_gone_to(scene: Scene) -> None:
    scene.gateway.probes["new.example"] = {**PROBE, "sign_in_methods": ["telepathy"]}
    await scene.presenter.open()
    await scene.presenter.typed("new.example")
    assert not scene.step.ready
    await scene.presenter.begin()
    assert scene.gateway.called("sign_in.begin") == []


async def test_a_form_needs_no_client_id(scene: Scene) -> None:
    scene.gateway.probes["harbour.example"] = {**EVERY_WAY, "needs": ["client_id"]}
    await scene.presenter.open()
    await scene.presenter.typed("harbour.example")
    assert (scene.step.needs_client, scene.step.ready) == (True, False)
    scene.presenter.change(way="form:token")
    assert (scene.step.needs_client, scene.step.ready) == (False, True)


async def test_a_code_for_another_device(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("device", group)
        step = scene.step
        assert isinstance(step, EnterCode)
        assert (step.user_code, step.address) == (
            "WDJB-MJHT",
            "speckle.harbour-studio.example/device",
        )
        assert step.scanned.endswith("?user_code=WDJB-MJHT")
        assert step.left(NOON + 19) == "9:41"
        assert "WDJB" not in repr(step)
        assert scene.view.opened == []
        scene.presenter.tick()
        scene.gateway.finish("sign-in-1")
    assert isinstance(scene.step, Done)
    assert scene.gateway.called("sign_in.begin")[0]["method"] == "device"


async def test_the_page_may_be_opened_here_after_all(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("device", group)
        await scene.presenter.open_code_page()
        assert scene.view.opened == [scene.step.scanned]
        assert scene.step.trouble is None
        scene.view.browser = False
        await scene.presenter.open_code_page()
        assert scene.step.trouble.hint == "Use another device."
        await scene.presenter.cancel()
    assert scene.gateway.called("sign_in.cancel") == [{"sign_in": "sign-in-1"}]


async def test_a_code_that_ran_out_says_so(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("device", group)
        over = GatewayError("sign_in_expired", "The code has run out.", "Begin again.")
        scene.gateway.sign_ins.clear()
        scene.gateway.finished["sign-in-1"].set_exception(over)
    assert isinstance(scene.step, Ended)
    assert scene.step.trouble.text == "The code has run out."


async def test_three_ways_wait_at_once(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("device", group)
        await scene.to("browser", group)
        await scene.to("form:token", group)
        kinds = [type(one) for one in scene.view.waiting]
        assert kinds == [EnterCode, Waiting, FillIn]
        assert [one.sign_in for one in scene.view.others] == ["sign-in-1", "sign-in-2"]
        scene.presenter.show_waiting("sign-in-1")
        assert isinstance(scene.step, EnterCode)
        for number in (2, 3):
            scene.gateway.finish(f"sign-in-{number}", account(number, "B", "b", STUDIO))
        await until(lambda: len(scene.view.waiting) == 1)
        assert isinstance(scene.step, EnterCode)
        scene.gateway.finish("sign-in-1")
    assert isinstance(scene.step, Done)


async def test_another_way_leads_back_to_the_choice(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("device", group)
        await scene.presenter.another_way()
        step = scene.step
        assert isinstance(step, EnterAddress)
        assert (step.text, len(step.ways), step.ready) == ("harbour.example", 5, True)
        assert scene.gateway.called("sign_in.cancel") == [{"sign_in": "sign-in-1"}]
        assert scene.view.waiting == ()


async def test_another_way_of_signing_in_again_is_for_the_same_account(scene: Scene) -> None:
    from manager.desktop.account import read_account

    alice = read_account(account(1, "Alice", "alice", STUDIO))
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.presenter.again(alice))
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        await scene.presenter.another_way()
        assert isinstance(scene.step, EnterAddress)
        scene.presenter.change(way="form:token")
        group.create_task(scene.presenter.begin())
        await until(lambda: len(scene.gateway.called("sign_in.wait")) == 2)
        begun = scene.gateway.called("sign_in.begin")[-1]
        assert (begun["account"], begun["form"]) == ("account-1", "token")
        scene.gateway.finish("sign-in-2", account(1, "Alice", "alice", STUDIO))
    assert scene.step.renewed


async def test_another_address_is_another_account(scene: Scene) -> None:
    await scene.presenter.open("harbour.example", entered=EnterAddress(account="account-1"))
    assert scene.step.account == "account-1"
    await scene.presenter.typed("app.speckle.systems")
    assert scene.step.account is None


async def test_what_was_tried_is_said(scene: Scene) -> None:
    nobody = GatewayError(
        "invalid_request",
        "https://x.example is no kind of server that Account Manager knows. Tried: A, B.",
        "Check the address.",
    )
    scene.gateway.probes["x.example"] = nobody
    await scene.presenter.open()
    await scene.presenter.typed("x.example")
    assert "Tried: A, B." in scene.step.probe.problem.text
    assert scene.step.probe.problem.hint == "Check the address."


async def test_a_sign_in_begun_elsewhere_is_offered_here(scene: Scene) -> None:
    await scene.presenter.open()
    begun = scene.gateway._sign_in_begin(
        {"server": STUDIO[0], "method": "form", "form": "password"}
    )
    await scene.presenter.progressed()
    assert [one.sign_in for one in scene.view.others] == [begun["sign_in"]]
    scene.presenter.show_waiting(begun["sign_in"])
    assert scene.step.form.id == "password"
    scene.gateway._sign_in_submit({"sign_in": begun["sign_in"], "fields": {"password": "x"}})
    await scene.presenter.progressed()
    assert scene.step.form.id == "code"


async def test_the_kind_of_server_can_be_named(scene: Scene) -> None:
    await scene.presenter.open()
    assert [kind.name for kind in scene.step.kinds] == [
        "Harbour Cloud",
        "Harbour Cloud, 2024",
        "Harbour Cloud, 2026",
        "Plain Server",
    ]
    await scene.presenter.typed("harbour.example")
    await scene.presenter.name_kind("harbour/2024")
    probed = scene.gateway.called("servers.probe")
    assert probed == [
        {"url": "harbour.example"},
        {"url": "harbour.example", "provider": "harbour", "dialect": "2024"},
    ]
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.presenter.begin())
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        begun = scene.gateway.called("sign_in.begin")[0]
        assert (begun["provider"], begun["dialect"]) == ("harbour", "2024")
        await scene.presenter.cancel()


async def test_a_kind_named_while_the_server_is_asked_counts(scene: Scene) -> None:
    await scene.presenter.open()
    scene.presenter.change(text="harbour.example")
    await scene.presenter.name_kind("plain/")
    assert scene.gateway.called("servers.probe") == [
        {"url": "harbour.example", "provider": "plain"}
    ]
    await scene.presenter.name_kind("")
    assert scene.gateway.called("servers.probe")[-1] == {"url": "harbour.example"}


async def test_without_the_catalogue_an_address_will_do(scene: Scene) -> None:
    for method in ("servers.list", "providers.list", "sign_in.list"):
        scene.gateway.failing[method] = GatewayError("provider_error", "No.")
    await scene.presenter.open("harbour.example")
    assert scene.step.ready
    assert (scene.step.presets, scene.step.kinds) == ((), ())

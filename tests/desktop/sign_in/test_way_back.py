"""Before the browser opens: who opens the address that it comes back to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from manager.desktop.sign_in.steps import (
    Done,
)
from tests.desktop.sample_gateway import (
    until,
)
from tests.desktop.sign_in.scene import Scene

pytestmark = pytest.mark.anyio


@pytest.fixture
def scene(patient: Any) -> Scene:
    return Scene(patient)


async def test_a_scheme_that_nobody_has_is_taken_without_a_question(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        scene.gateway.finish("sign-in-1")
    assert scene.schemes.ours == ["speckle"]


async def test_another_programs_scheme_is_taken_after_a_yes(scene: Scene) -> None:
    await scene.to_the_question()
    assert scene.step.program == "Speckle Manager"
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.presenter.take_over())
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        scene.gateway.finish("sign-in-1")
    assert scene.schemes.ours == ["speckle"]
    assert isinstance(scene.step, Done)


async def test_a_no_leaves_the_scheme_and_signs_in_by_a_local_port(scene: Scene) -> None:
    await scene.to_the_question()
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.presenter.leave_scheme())
        await until(lambda: bool(scene.gateway.called("sign_in.wait")))
        scene.gateway.finish("sign-in-2")
    assert scene.schemes.others == {"speckle": "Speckle Manager"}
    assert scene.gateway.called("sign_in.cancel") == [{"sign_in": "sign-in-1"}]
    assert scene.gateway.called("sign_in.begin")[-1]["redirect"] == "loopback"
    assert isinstance(scene.step, Done)


async def test_escape_at_the_question_ends_the_sign_in(scene: Scene) -> None:
    await scene.to_the_question()
    await scene.presenter.dismiss()
    assert scene.gateway.called("sign_in.cancel") == [{"sign_in": "sign-in-1"}]
    assert scene.view.opened == []


async def test_a_broken_registry_is_said_and_the_answer_can_be_pasted(scene: Scene) -> None:
    scene.schemes.broken = True
    async with asyncio.TaskGroup() as group:
        await scene.to_the_browser(group)
        assert scene.step.trouble.hint == "Install xdg-utils."
        await scene.presenter.paste("speckle://account?access_code=abc")
    assert isinstance(scene.step, Done)


async def test_no_browser_opens_once_the_sheet_was_closed(scene: Scene) -> None:
    await scene.presenter.open()
    await scene.presenter.typed("app.speckle.systems")
    begun = scene.gateway._sign_in_begin

    def closed_meanwhile(params: dict[str, Any]) -> dict[str, Any]:
        scene.presenter.hide()
        return begun(params)

    scene.gateway._sign_in_begin = closed_meanwhile  # type: ignore[method-assign]
    await scene.presenter.begin()
    assert scene.view.opened == []
    assert scene.gateway.called("sign_in.cancel") == [{"sign_in": "sign-in-1"}]

"""Signing in by typing, without any Qt: what is sent, what is kept, and what is forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from manager.desktop.gateway import GatewayError
from manager.desktop.sign_in.steps import Done, Ended, FillIn
from tests.desktop.sample_gateway import SECOND_FACTOR, until
from tests.desktop.sign_in.scene import Scene

pytestmark = pytest.mark.anyio
CANARY = "canary-9f2c-secret"


@pytest.fixture
def scene(patient: Any) -> Scene:
    return Scene(patient)


def nowhere(scene: Scene) -> bool:
    """The secret is in nothing that is shown or kept."""
    steps = [scene.step, *scene.view.waiting, *scene.presenter._waiting._by_id.values()]
    forms = [one for one in steps if isinstance(one, FillIn)]
    return all(CANARY not in one.secrets.values() for one in forms) and not any(
        CANARY in repr(one) for one in (*scene.view.steps, *steps)
    )


async def test_a_password_and_a_second_step(scene: Scene) -> None:
    form = scene.presenter.form
    async with asyncio.TaskGroup() as group:
        await scene.to("form:password", group)
        assert scene.step.form.note
        form.type("email", " alice@example.org ")
        form.type("password", f" {CANARY}")
        assert scene.step.secrets == {"password": f" {CANARY}"}
        assert CANARY not in repr(scene.step)
        await form.submit()
        step = scene.step
        assert (step.form.id, step.pages, step.texts, step.busy) == ("code", 1, {}, False)
        assert nowhere(scene)
        form.type("code", "123456")
        await form.submit()
    assert isinstance(scene.step, Done)
    assert scene.view.welcomed == [("account-90", False)]
    assert scene.gateway.called("sign_in.submit") == [
        {
            "sign_in": "sign-in-1",
            "fields": {"email": "alice@example.org", "password": f" {CANARY}"},
        },
        {"sign_in": "sign-in-1", "fields": {"code": "123456"}},
    ]


async def test_a_pasted_key_is_trimmed_and_checked_at_once(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("form:token", group)
        await scene.presenter.form.paste("token", f"  {CANARY}\r\n")
    assert isinstance(scene.step, Done)
    (sent,) = scene.gateway.called("sign_in.submit")
    assert sent["fields"] == {"token": CANARY}


async def test_a_paste_beside_other_fields_waits_for_the_button(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("form:password", group)
        await scene.presenter.form.paste("password", f" {CANARY} \n")
        assert scene.step.secrets == {"password": f" {CANARY} "}
        assert scene.gateway.called("sign_in.submit") == []
        await scene.presenter.cancel()


async def test_what_is_wrong_is_said_at_its_field_before_anything_is_sent(scene: Scene) -> None:
    form = scene.presenter.form
    async with asyncio.TaskGroup() as group:
        await scene.to("form:session", group)
        form.type("days", "0")
        form.type("key", CANARY)
        await form.submit()
        assert scene.step.wrong == {
            "user": "User name is needed.",
            "days": "This is a whole number, 1 or more.",
            "region": "Region is needed.",
        }
        assert scene.step.secrets == {"key": CANARY}
        form.type("user", "alice")
        assert "user" not in scene.step.wrong
        form.type("days", "7")
        form.type("region", "eu")
        await form.submit()
    (sent,) = scene.gateway.called("sign_in.submit")
    assert sent["fields"] == {"user": "alice", "key": CANARY, "days": "7", "region": "eu"}


async def test_defaults_are_sent_as_they_stand_there(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("form:session", group)
        for name, text in (("user", "a"), ("key", "k"), ("region", "us")):
            scene.presenter.form.type(name, text)
        await scene.presenter.form.submit()
    assert scene.gateway.called("sign_in.submit")[0]["fields"]["days"] == "30"


@pytest.mark.parametrize(
    "kind", ["credentials_refused", "rate_limited", "server_unreachable", "too_many"]
)
async def test_a_refusal_can_be_tried_again_with_the_secret_gone(scene: Scene, kind: str) -> None:
    form = scene.presenter.form
    async with asyncio.TaskGroup() as group:
        await scene.to("form:password", group)
        form.type("email", "alice@example.org")
        form.type("password", CANARY)
        scene.gateway.failing["sign_in.submit"] = GatewayError(kind, "It is not right.", "Look.")
        await form.submit()
        step = scene.step
        assert (step.trouble.text, step.trouble.hint) == ("It is not right.", "Look.")
        assert (step.busy, step.texts) == (False, {"email": "alice@example.org"})
        assert nowhere(scene)
        del scene.gateway.failing["sign_in.submit"]
        form.type("password", CANARY)
        await form.submit()
        assert scene.step.trouble is None
        assert scene.step.form.id == "code"
        await scene.presenter.cancel()


async def test_a_refused_field_is_said_at_that_field(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("form:password", group)
        scene.presenter.form.type("email", "alice")
        scene.presenter.form.type("password", CANARY)
        refused = GatewayError("invalid_request", "E-mail is too long.", "")
        scene.gateway.failing["sign_in.submit"] = refused
        await scene.presenter.form.submit()
        assert scene.step.wrong == {"email": "E-mail is too long."}
        await scene.presenter.cancel()


async def test_a_sign_in_that_ended_meanwhile_says_why(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("form:token", group)
        over = GatewayError("sign_in_expired", "The time for this sign-in is over.", "")
        scene.gateway.failing["sign_in.submit"] = over
        scene.gateway.sign_ins.clear()
        scene.gateway.finished["sign-in-1"].set_exception(over)
        await scene.presenter.form.paste("token", CANARY)
    assert isinstance(scene.step, Ended)
    assert scene.step.trouble.text == "The time for this sign-in is over."


async def test_a_hidden_form_keeps_what_is_no_secret(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        await scene.to("form:password", group)
        scene.presenter.form.type("email", "alice@example.org")
        scene.presenter.form.type("password", CANARY)
        await scene.presenter.dismiss()
        assert scene.step is None
        assert nowhere(scene)
        scene.presenter.show_waiting("sign-in-1")
        assert scene.step.texts == {"email": "alice@example.org"}
        assert scene.step.secrets == {}
        scene.presenter.form.type("password", CANARY)
        await scene.presenter.another_way()
        assert nowhere(scene)


async def test_a_form_hidden_while_it_is_checked_goes_on_with_what_came(scene: Scene) -> None:
    form = scene.presenter.form
    async with asyncio.TaskGroup() as group:
        await scene.to("form:password", group)
        form.type("email", "alice@example.org")
        form.type("password", CANARY)
        scene.gateway.checked = asyncio.get_running_loop().create_future()
        sending = group.create_task(form.submit())
        await until(lambda: scene.step.busy)
        assert nowhere(scene)
        form.type("email", "somebody else")
        await form.submit()
        assert len(scene.gateway.called("sign_in.submit")) == 1
        scene.presenter.hide()
        scene.gateway.checked.set_result({"sign_in": "sign-in-1", "form": SECOND_FACTOR})
        await sending
        scene.presenter.show_waiting("sign-in-1")
        assert (scene.step.form.id, scene.step.busy) == ("code", False)
        await scene.presenter.cancel()

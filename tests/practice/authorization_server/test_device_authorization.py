"""RFC 8628 over HTTP: the device polls, the person types the code."""

from __future__ import annotations

import pytest

from manager.practice.person import LostOnTheWay, Person

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def begin(app) -> dict:
    form = {"client_id": "account-manager", "scope": "openid profile"}
    answer = app.http.post("/device_authorization", data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def decide(app, url: str, *, allow: bool) -> None:
    with pytest.raises(LostOnTheWay):  # this flow ends on a page, not at a redirect URI
        Person(allow=allow).visit(url)


def test_the_device_gets_its_tokens(server, app):
    device = begin(app)
    assert device["interval"] == 5
    assert device["verification_uri"] == f"{server.issuer}/device"
    assert app.token(GRANT, device_code=device["device_code"]).json() == {
        "error": "authorization_pending"
    }
    decide(app, device["verification_uri_complete"], allow=True)
    tokens = app.token(GRANT, device_code=device["device_code"]).json()
    assert app.userinfo(tokens["access_token"]).json()["name"] == "Alice Moreau"
    assert "id_token" in tokens
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    again = app.token(GRANT, device_code=device["device_code"])
    assert again.json()["error"] == "invalid_grant"


def test_polling_too_fast_slows_the_device_down(server, app):
    code = begin(app)["device_code"]
    app.token(GRANT, device_code=code)
    assert app.token(GRANT, device_code=code).json()["error"] == "slow_down"
    server.change_faults(clock_offset=6)
    assert app.token(GRANT, device_code=code).json()["error"] == "slow_down"
    server.change_faults(clock_offset=30)
    assert app.token(GRANT, device_code=code).json()["error"] == "authorization_pending"


def test_denied_and_expired(server, app):
    device = begin(app)
    decide(app, device["verification_uri_complete"], allow=False)
    denied = app.token(GRANT, device_code=device["device_code"])
    assert (denied.status_code, denied.json()["error"]) == (400, "access_denied")
    late = begin(app)
    server.change_faults(clock_offset=601)
    expired = app.token(GRANT, device_code=late["device_code"])
    assert expired.json()["error"] == "expired_token"
    assert app.http.get(late["verification_uri_complete"]).status_code == 404


def test_codes_are_read_as_people_type_them(app):
    code = begin(app)["user_code"]
    typed = code.lower().replace("-", " ")
    assert app.http.get("/device", params={"user_code": typed}).status_code == 200


def test_unknown_clients_get_no_code(app):
    form = {"client_id": "nobody", "scope": "openid"}
    assert app.http.post("/device_authorization", data=form).status_code == 400

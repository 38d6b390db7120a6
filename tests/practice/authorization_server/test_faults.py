"""Each fault of the token and authorization endpoints, shown to bite."""

from __future__ import annotations

import httpx
import pytest


def test_rotation_retires_the_old_refresh_token(server, app):
    first = app.sign_in()
    second = app.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert server.live_refresh_tokens() == [second["refresh_token"]]
    assert server.token_requests("refresh_token") == 1


def test_without_rotation_the_refresh_token_stays(server, app):
    server.change_faults(rotation=False)
    first = app.sign_in()
    for _ in range(3):
        assert app.refresh(first["refresh_token"]).json()["refresh_token"] == first["refresh_token"]
    assert server.reuse_detected == 0


def test_reuse_revokes_the_family_and_no_other(server, app):
    other = app.sign_in("bob")
    first = app.sign_in()
    second = app.refresh(first["refresh_token"]).json()
    answer = app.refresh(first["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert server.reuse_detected == 1
    assert app.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.userinfo(second["access_token"]).status_code == 401
    assert app.userinfo(other["access_token"]).status_code == 200


def test_without_reuse_detection_the_family_lives(server, app):
    server.change_faults(reuse_detection=False)
    first = app.sign_in()
    second = app.refresh(first["refresh_token"]).json()
    assert app.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert server.reuse_detected == 1
    assert app.refresh(second["refresh_token"]).status_code == 200


@pytest.mark.parametrize("pair", ["same", "new"])
def test_the_grace_window(server, app, pair):
    server.change_faults(grace=30, grace_pair=pair)
    first = app.sign_in()
    second = app.refresh(first["refresh_token"]).json()
    again = app.refresh(first["refresh_token"]).json()
    assert (again["refresh_token"] == second["refresh_token"]) is (pair == "same")
    assert (again["access_token"] == second["access_token"]) is (pair == "same")
    assert server.reuse_detected == 0
    assert server.counters["refresh_token_reuse_in_grace"] == 1
    server.change_faults(clock_offset=31)
    assert app.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert server.reuse_detected == 1


def test_a_pair_that_is_given_out_again_is_not_younger_for_it(server, app):
    server.change_faults(grace=30, lifetime=10)
    first = app.sign_in()
    second = app.refresh(first["refresh_token"]).json()
    server.change_faults(clock_offset=4)
    again = app.refresh(first["refresh_token"]).json()
    assert again["access_token"] == second["access_token"]
    assert 5 <= again["expires_in"] <= 6
    server.change_faults(clock_offset=12)
    late = app.refresh(first["refresh_token"]).json()
    assert (late["refresh_token"], late["expires_in"]) == (second["refresh_token"], 10)
    assert late["access_token"] != second["access_token"]
    assert app.userinfo(late["access_token"]).status_code == 200


def test_the_grace_window_ends_when_the_newer_token_is_used(server, app):
    server.change_faults(grace=30)
    first = app.sign_in()
    second = app.refresh(first["refresh_token"]).json()
    app.refresh(second["refresh_token"])
    assert app.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert server.reuse_detected == 1


def test_a_token_lives_as_long_as_is_said(server, app):
    server.change_faults(lifetime=5)
    tokens = app.sign_in()
    assert tokens["expires_in"] == 5
    assert app.userinfo(tokens["access_token"]).status_code == 200
    server.change_faults(clock_offset=5)
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert not server.accepts(tokens["access_token"])


@pytest.mark.parametrize("value", [0, -1, 10**18, "3600", "soon"])
def test_expires_in_as_anything(server, app, value):
    server.change_faults(expires_in=value)
    assert app.sign_in()["expires_in"] == value


def test_expires_in_absent(server, app):
    server.change_faults(expires_in=None)
    assert "expires_in" not in app.sign_in()


def test_a_lost_answer_was_processed(server, app):
    tokens = app.sign_in()
    server.change_faults(lost_answers=1)
    with pytest.raises(httpx.RemoteProtocolError):
        app.refresh(tokens["refresh_token"])
    assert server.token_requests("refresh_token") == 1
    assert tokens["refresh_token"] not in server.live_refresh_tokens()
    assert server.faults.lost_answers == 0
    assert app.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_cut_request_was_not_processed(server, app):
    tokens = app.sign_in()
    server.change_faults(cut_requests=1)
    with pytest.raises(httpx.RemoteProtocolError):
        app.refresh(tokens["refresh_token"])
    assert server.token_requests("refresh_token") == 0
    assert app.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client", "temporarily_unavailable"])
def test_refused_refreshes(server, app, error):
    tokens = app.sign_in()
    server.change_faults(refuse_refresh=error)
    assert app.refresh(tokens["refresh_token"]).json() == {"error": error}
    server.change_faults(refuse_refresh="")
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_a_refresh_answer_without_a_refresh_token_leaves_the_old_one(server, app):
    tokens = app.sign_in()
    server.change_faults(omit_refresh_token=True)
    for _ in range(2):
        answer = app.refresh(tokens["refresh_token"])
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()


def test_narrowed_scope(server, app):
    server.change_faults(narrow_scope="openid")
    tokens = app.sign_in()
    assert tokens["scope"] == "openid"
    assert "email" not in app.userinfo(tokens["access_token"]).json()


def test_unknown_token_type(server, app):
    server.change_faults(token_type="mac")
    assert app.sign_in()["token_type"] == "mac"


def test_deny(server, app):
    server.change_faults(deny=True)
    assert app.authorize()["error"] == "access_denied"


def test_issuer_and_state_of_the_response(server, app):
    server.change_faults(response_issuer="wrong", response_state="wrong")
    answer = app.authorize()
    assert answer["iss"] == "https://issuer.invalid"
    assert answer["state"] != "a state"
    assert "code" in answer
    server.change_faults(response_issuer="absent", response_state="absent")
    assert set(app.authorize()) == {"code"}


def test_metadata_with_another_issuer(server, app):
    server.change_faults(metadata_issuer="wrong")
    document = app.http.get("/.well-known/openid-configuration").json()
    assert document["issuer"] == "https://issuer.invalid"


def test_userinfo_with_another_subject(server, app):
    tokens = app.sign_in()
    server.change_faults(userinfo_subject="mallory")
    assert app.userinfo(tokens["access_token"]).json()["sub"] == "mallory"

"""The authorization server as a client meets it when nothing goes wrong, or the client does."""

from __future__ import annotations

import base64

import pytest

from manager.practice.authorization_server import CONFIDENTIAL, AuthorizationServer, Client
from manager.practice.person import Person


def test_metadata_name_the_issuer_and_working_endpoints(server, app):
    documents = [
        app.http.get(f"/.well-known/{name}").json()
        for name in ("openid-configuration", "oauth-authorization-server")
    ]
    assert documents[0] == documents[1]
    assert documents[0]["issuer"] == server.issuer
    assert documents[0]["code_challenge_methods_supported"] == ["S256"]
    assert documents[0]["authorization_response_iss_parameter_supported"] is True
    for name, url in documents[0].items():
        if name.endswith(("_endpoint", "_uri")):
            assert app.http.get(url).status_code != 404 or "POST" in url or name in POST_ONLY


POST_ONLY = {
    "token_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "device_authorization_endpoint",
}


def test_sign_in_gives_a_token_that_userinfo_takes(server, app):
    tokens = app.sign_in("bob")
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3600
    assert server.accepts(tokens["access_token"])
    claims = app.userinfo(tokens["access_token"]).json()
    assert claims["preferred_username"] == "bob"
    assert claims["email"] == "bob@example.com"
    picture = app.http.get(claims["picture"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_the_response_carries_state_and_issuer(server, app):
    assert app.authorize()["state"] == "a state"
    assert app.authorize()["iss"] == server.issuer


def test_a_refusal_carries_state_and_issuer_too(server, app):
    answer = app.authorize(allow=False)
    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("a state", server.issuer)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_wrong_authorization_request_is_told_to_the_client(server, app, change, error):
    answer = app.authorize(**change)
    assert answer["error"] == error
    assert answer["iss"] == server.issuer


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "io.github.account-manager:/elsewhere"},
        {"redirect_uri": "https://example.com/callback"},
        {"redirect_uri": "http://localhost:4711/callback"},
        {"redirect_uri": None},
    ],
)
def test_an_unknown_client_or_redirect_uri_stays_on_a_page(app, change):
    answer = app.http.get(app.authorization_url(**change))
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_repeated_parameter_stays_on_a_page(app):
    assert app.http.get(app.authorization_url() + "&state=another").status_code == 400


def test_loopback_redirects_ignore_the_port(app):
    for uri in ("http://127.0.0.1:4711/callback", "http://[::1]:4712/callback"):
        arrived = Person().visit(app.authorization_url(redirect_uri=uri))
        assert arrived.startswith(uri + "?code=")


def test_our_own_client_has_redirect_uris_for_this_server_alone(server, app):
    for root in ("io.github.account-manager:", "http://127.0.0.1:4711"):
        uri = f"{root}/callback/127.0.0.1:{server.port}"
        assert Person().visit(app.authorization_url(redirect_uri=uri)).startswith(uri + "?code=")
    foreign = f"io.github.account-manager:/callback/127.0.0.1:{server.port + 1}"
    assert app.http.get(app.authorization_url(redirect_uri=foreign)).status_code == 400


def test_the_redirect_uri_of_both_requests_is_the_same(app):
    code = app.authorize(redirect_uri="http://127.0.0.1:4711/callback")["code"]
    answer = app.exchange(code, redirect_uri="http://127.0.0.1:4713/callback")
    assert answer.json()["error"] == "invalid_request"


def test_a_wrong_verifier_is_refused(app):
    answer = app.exchange(app.authorize()["code"], code_verifier="x" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_used_twice_revokes_what_it_gave(server, app):
    code = app.authorize()["code"]
    tokens = app.exchange(code).json()
    assert app.exchange(code).json()["error"] == "invalid_grant"
    assert not server.accepts(tokens["access_token"])
    assert server.counters["code_reuse"] == 1


def test_a_code_grows_old(server, app):
    code = app.authorize()["code"]
    server.change_faults(clock_offset=121)
    assert app.exchange(code).json()["error"] == "invalid_grant"


def test_refresh_keeps_the_scope_and_may_ask_for_less(app):
    tokens = app.sign_in()
    fresh = app.refresh(tokens["refresh_token"]).json()
    assert fresh["scope"] == "openid profile email"
    less = app.refresh(fresh["refresh_token"], scope="openid").json()
    assert less["scope"] == "openid"
    more = app.refresh(less["refresh_token"], scope="openid api")
    assert more.json()["error"] == "invalid_scope"


def test_revoking_the_refresh_token_ends_the_whole_sign_in(server, app):
    tokens = app.sign_in()
    form = {"token": tokens["refresh_token"], "client_id": "account-manager"}
    assert app.http.post("/revoke", data=form).status_code == 200
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert server.live_refresh_tokens() == []


def test_revoking_the_access_token_leaves_the_refresh_token(app):
    tokens = app.sign_in()
    form = {"token": tokens["access_token"], "client_id": "account-manager"}
    app.http.post("/revoke", data=form)
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.refresh(tokens["refresh_token"]).status_code == 200


def test_an_unknown_token_is_revoked_without_a_word(app):
    form = {"token": "nothing", "client_id": "account-manager"}
    assert app.http.post("/revoke", data=form).status_code == 200


def test_introspection_tells_live_from_dead(server, app):
    tokens = app.sign_in()
    form = {"token": tokens["access_token"], "client_id": "account-manager"}
    live = app.http.post("/introspect", data=form).json()
    assert (live["active"], live["username"]) == (True, "alice")
    server.change_faults(clock_offset=3601)
    assert app.http.post("/introspect", data=form).json() == {"active": False}


def test_userinfo_refuses_what_is_no_token(app):
    answer = app.userinfo("nonsense")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    token = app.sign_in()["access_token"]
    assert app.http.get(f"/userinfo?access_token={token}").status_code == 401


def test_the_token_endpoint_reads_forms_only(app):
    assert app.http.post("/token", json={"grant_type": "refresh_token"}).status_code == 400
    answer = app.http.post(
        "/token", content=b"{}", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.json()["error"] == "invalid_request"
    for grant in ("password", "client_credentials", "nonsense", ""):
        assert app.token(grant).status_code in (400, 401)


def test_a_confidential_client_shows_its_secret(app):
    code = app.authorize(client_id=CONFIDENTIAL.client_id)["code"]
    bare = app.exchange(code, client_id=CONFIDENTIAL.client_id)
    assert (bare.status_code, bare.json()["error"]) == (401, "invalid_client")
    shown = app.exchange(
        code, client_id=CONFIDENTIAL.client_id, client_secret=CONFIDENTIAL.client_secret
    )
    assert shown.status_code == 200
    encoded = "practice+secret%3A+with+%25%2C+%26+and+%2B"
    pair = base64.b64encode(f"{CONFIDENTIAL.client_id}:{encoded}".encode()).decode()
    fresh = app.http.post(
        "/token",
        data={"grant_type": "refresh_token", "refresh_token": shown.json()["refresh_token"]},
        headers={"Authorization": f"Basic {pair}"},
    )
    assert fresh.status_code == 200


def test_a_refresh_token_belongs_to_its_client(app):
    tokens = app.sign_in()
    other = {"client_id": CONFIDENTIAL.client_id, "client_secret": CONFIDENTIAL.client_secret}
    assert app.refresh(tokens["refresh_token"], **other).json()["error"] == "invalid_grant"


def test_further_clients_and_plain_oauth(native_app):
    mine = Client("mine", "Mine", ("com.example.mine:/cb",), scopes=("read",))
    with AuthorizationServer(clients=[mine], openid=False, approve_as="bob") as server:
        app = native_app(server)
        assert app.http.get("/.well-known/openid-configuration").status_code == 404
        metadata = app.http.get("/.well-known/oauth-authorization-server").json()
        assert "openid" not in metadata["scopes_supported"]
        where = {"client_id": "mine", "redirect_uri": "com.example.mine:/cb"}
        code = app.authorize(scope="read", **where)["code"]
        tokens = app.exchange(code, **where).json()
        assert tokens["scope"] == "read"
        assert "id_token" not in tokens
        assert server.tokens.find(tokens["access_token"]).login == "bob"


def test_the_log_shows_requests_to_tests_and_no_secret_to_readers(server, app):
    tokens = app.sign_in()
    record = next(each for each in server.requests if each.endpoint == "token")
    assert record.form["grant_type"] == "authorization_code"
    text = repr(server.requests) + repr(server.tokens.issued.values()) + str(server.state())
    for secret in (tokens["access_token"], tokens["refresh_token"], record.form["code"]):
        assert secret not in text.replace(str(list(server.tokens.issued)), "")


def test_a_page_names_both_people_and_refuses_strangers(app):
    page = app.http.get(app.authorization_url()).text
    assert "<b>alice</b>" in page
    assert "<b>bob</b>" in page
    transaction = page.partition('name="transaction" value="')[2].partition('"')[0]
    answer = app.http.post("/login", data={"transaction": transaction, "login": "mallory"})
    assert answer.status_code == 401
    assert "Nobody of that name" in answer.text


def test_pages_cannot_be_framed_and_text_is_escaped(app):
    answer = app.http.get(app.authorization_url(login_hint='"><script>'))
    assert answer.headers["x-frame-options"] == "DENY"
    assert "<script>" not in answer.text


def test_a_second_sign_in_needs_no_second_login_unless_asked(server, app):
    person = Person()
    person.visit(app.authorization_url())
    assert "asks for access" in person.read(app.authorization_url())
    assert "Login name" in person.read(app.authorization_url(prompt="login"))

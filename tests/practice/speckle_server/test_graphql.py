"""The account query and its neighbours, with the real server's errors."""

from __future__ import annotations

import pytest

from manager.practice.speckle_server import Application, SpeckleServer

ACCOUNT = """query {
  activeUser { id name email company avatar }
  serverInfo { name company description version migration { movedFrom movedTo } }
}"""


def test_the_account_query(client):
    answer = client.graphql(ACCOUNT, client.sign_in()["token"]).json()
    assert "errors" not in answer
    user, server = answer["data"]["activeUser"], answer["data"]["serverInfo"]
    assert user["email"] == "alice@example.com"
    assert len(user["id"]) == 10
    assert user["avatar"].startswith("data:image/png;base64,")
    assert server["version"] == "2.31.14"
    assert server["migration"] is None
    assert set(server) == {"name", "company", "description", "version", "migration"}


def test_nobody_is_nobody(client):
    answer = client.graphql(ACCOUNT).json()
    assert answer["data"]["activeUser"] is None
    assert "errors" not in answer


def test_an_avatar_may_be_an_address(server, client):
    token = client.sign_in(login="bob")["token"]
    avatar = client.graphql("{ activeUser { avatar } }", token).json()["data"]["activeUser"]
    assert avatar == {"avatar": f"{server.url}/avatar/bob.png"}


def test_migration_has_a_trailing_slash(server, client):
    server.change_faults(moved_to="https://new.example.org")
    info = client.graphql(ACCOUNT).json()["data"]["serverInfo"]
    assert info["migration"] == {"movedFrom": None, "movedTo": "https://new.example.org/"}


def test_an_app_is_public(client):
    query = (
        "query Find($id: String!) { app(id: $id) { id secret trustByDefault redirectUrl"
        " author { name } scopes { name } } }"
    )
    app = client.graphql(query, id="connectrV3").json()["data"]["app"]
    assert app["trustByDefault"] is False
    assert app["redirectUrl"] == "http://localhost:29355"
    assert app["secret"] == "App secrets are only revealed to their author 😉"
    assert {"name": "profile:read"} in app["scopes"]
    assert client.graphql('{ app(id: "nobody") { id } }').json() == {"data": {"app": None}}


@pytest.mark.parametrize(
    ("scopes", "email", "code"),
    [(("profile:read",), None, None), (("streams:read",), None, "FORBIDDEN")],
)
def test_scopes_decide_what_is_seen(client_of, scopes, email, code):
    narrow = Application("narrow", "Narrow", "speckle://narrow", scopes)
    with SpeckleServer(applications=[narrow]) as server:
        client = client_of(server)
        token = client.sign_in("narrow")["token"]
        response = client.graphql(ACCOUNT, token)
    assert response.status_code == 200
    answer = response.json()
    assert answer["data"]["serverInfo"]["name"]
    if code is None:
        assert answer["data"]["activeUser"]["email"] is email
        return
    error = answer["errors"][0]
    assert answer["data"]["activeUser"] is None
    assert error["path"] == ["activeUser"]
    assert error["locations"]
    assert error["extensions"] == {"code": code, "scope": "profile:read", "statusCode": 403}


def test_a_desktop_token_lists_no_tokens(client):
    query = "{ activeUser { name apiTokens { id } } }"
    answer = client.graphql(query, client.sign_in()["token"])
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["scope"] == "tokens:read"
    assert answer.json()["data"] == {"activeUser": None}


def test_revoking_an_app(server, client):
    tokens = client.sign_in()
    mutation = 'mutation { appRevokeAccess(appId: "sdm") }'
    anonymous = client.graphql(mutation).json()["errors"][0]
    assert anonymous["message"] == "Must provide an auth token"
    assert anonymous["extensions"] == {"code": "UNAUTHORIZED", "statusCode": 401}
    own = client.graphql(mutation, tokens["token"]).json()["errors"][0]
    assert own["extensions"]["code"] == "FORBIDDEN"
    web = client.web_token()
    assert client.graphql(mutation, web).json() == {"data": {"appRevokeAccess": True}}
    assert not server.accepts(tokens["token"])
    assert client.graphql(mutation, web).json() == {"data": {"appRevokeAccess": False}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ activeUser { shoeSize } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ streams { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ activeUser }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ serverInfo { name { first } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ app { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { activeUser { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ activeUser { id }", "GRAPHQL_PARSE_FAILED"),
        ("{ activeUser { } }", "GRAPHQL_PARSE_FAILED"),
        ("{ activeUser { id } } }", "GRAPHQL_PARSE_FAILED"),
        ("{ ; }", "GRAPHQL_PARSE_FAILED"),
    ],
)
def test_what_is_not_understood(client, query, code):
    answer = client.graphql(query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_aliases_comments_and_typenames(client):
    query = "query Me { # who\n me: activeUser { __typename, called: name } }"
    answer = client.graphql(query, client.sign_in()["token"]).json()
    assert answer["data"] == {"me": {"__typename": "User", "called": "Alice Moreau"}}


def test_batches_get_and_bodies_that_are_not_json(client):
    one = {"query": "{ serverInfo { name } }"}
    assert len(client.http.post("/graphql", json=[one, one]).json()) == 2
    assert client.http.get("/graphql", params=one).status_code == 400
    assert client.http.post("/graphql", content=b"{").status_code == 400
    assert client.http.post("/graphql", json={"query": ""}).status_code == 400

"""Personal access tokens as the real server makes, lists, refuses and ends them."""

from __future__ import annotations

import pytest

LIST = """{ activeUser {
  apiTokens { id name lastChars scopes createdAt lifespan lastUsed } authorizedApps { id }
} }"""
CREATE = "mutation Create($token: ApiTokenCreateInput!) { data: apiTokenCreate(token: $token) }"
REVOKE = "mutation Revoke($token: String!) { apiTokenRevoke(token: $token) }"


def test_made_listed_used_and_revoked(server, client):
    web = client.web_token()
    wish = {"name": "CI", "scopes": ["profile:read"], "lifespan": 86_400_000}
    token = client.graphql(CREATE, web, token=wish).json()["data"]["data"]
    assert len(token) == 42
    assert client.graphql("{ activeUser { name } }", token).json()["data"]["activeUser"]
    user = client.graphql(LIST, web).json()["data"]["activeUser"]
    (listed,) = user["apiTokens"]
    assert listed["id"] == token[:10]
    assert listed["lastChars"] == token[-6:]
    assert listed["lifespan"] == 86_400_000
    assert listed["createdAt"].endswith("Z")
    assert user["authorizedApps"] == [{"id": "spklwebapp"}]
    assert client.graphql(REVOKE, web, token=token[:10]).json()["data"] == {"apiTokenRevoke": True}
    assert client.graphql("{ activeUser { name } }", token).status_code == 403
    answer = client.graphql(REVOKE, web, token=f"Bearer {token}").json()
    assert answer["data"] is None
    assert answer["errors"][0]["message"] == "Did not revoke token"
    assert answer["errors"][0]["extensions"]["code"] == "USER_INPUT_ERROR"


def test_it_ends_with_its_lifespan(server, client):
    token = server.issue_personal_token(lifespan=3600)
    assert server.accepts(token)
    server.change_faults(clock_offset=3700.0)
    assert not server.accepts(token)


@pytest.mark.parametrize(
    ("scopes", "message"),
    [
        (["tokens:write"], "You can't create a personal access token with the tokens:write scope"),
        (["streams:read"], "You can't create a token with scopes that you don't have"),
    ],
)
def test_no_token_makes_a_mightier_one(server, client, scopes, message):
    mine = server.issue_personal_token(scopes=("profile:read", "tokens:write"))
    answer = client.graphql(CREATE, mine, token={"name": "x", "scopes": scopes}).json()
    assert answer["data"] is None
    assert answer["errors"][0]["message"] == message
    assert answer["errors"][0]["extensions"]["code"] == "TOKEN_CREATE_ERROR"


def test_nobody_revokes_the_token_of_another_person(server, client):
    hers = server.issue_personal_token("alice")
    his = server.issue_personal_token("bob", ("tokens:write",))
    assert client.graphql(REVOKE, his, token=hers).json()["errors"]
    assert server.accepts(hers)


def test_a_desktop_app_makes_none(client):
    token = client.sign_in()["token"]
    answer = client.graphql(CREATE, token, token={"name": "x", "scopes": []}).json()
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answer["errors"][0]["extensions"]["scope"] == "tokens:write"


def test_a_wish_may_stand_in_the_query(client):
    query = 'mutation { apiTokenCreate(token: {name: "T", scopes: ["streams:read"]}) }'
    assert client.graphql(query, client.web_token()).json()["data"]["apiTokenCreate"]
    assert client.graphql("mutation { apiTokenCreate(token: 1) }", client.web_token()).json()[
        "errors"
    ]


def test_what_specklepy_asks_of_a_server(client):
    query = """query Server { data: serverInfo { name canonicalUrl adminContact
      scopes { name description } authStrategies { id name icon }
      workspaces { workspacesEnabled } } }"""
    info = client.graphql(query).json()["data"]["data"]
    assert info["workspaces"] == {"workspacesEnabled": True}
    assert {"name": "tokens:read", "description": "tokens:read"} in info["scopes"]
    version = client.graphql("query Server { data: serverInfo { data: version } }").json()
    assert version == {"data": {"data": {"data": "2.31.14"}}}


def test_a_person_makes_one_in_the_web(server, client):
    page = "/settings/user/developer"
    assert client.http.get(page).headers["location"] == "/authn/login"
    log_in = client.http.post("/authn/login", data={"email": "alice", "password": "x"})
    assert log_in.headers["location"] == page
    wish = {"name": "From <the> web", "profile:read": "on", "tokens:read": "on"}
    shown = client.http.post(page, data=wish).text
    token = shown.partition('id="token">')[2].partition("<")[0]
    assert server.accepts(token)
    assert "From &lt;the&gt; web" in shown
    assert "tokens:write" not in shown
    assert token not in client.http.get(page).text
    (made,) = server.tokens.personal("alice")
    assert made.scopes == ("profile:read", "tokens:read")

"""Personal access tokens: pasted, checked at once, used and ended."""

from __future__ import annotations

import pytest

from manager.core.errors import CredentialsRefused, InvalidRequest, ProviderError
from manager.core.provider import RequestToAuthorize, SignInRequest, SignInResult
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm
from manager.practice.speckle_server import SpeckleServer

from .signed_in import ALL, by_browser, by_token

pytestmark = pytest.mark.anyio


@pytest.fixture
async def form(provider, practice):
    return await provider.begin_form(SignInRequest(practice.url), "personal_access_token")


async def test_a_token_is_an_account_of_its_own(provider, practice) -> None:
    result = await by_token(provider, practice)
    signed_in = await by_browser(provider, practice)
    assert result.identity.label == "alice@example.com"
    assert result.identity.subject == signed_in.identity.subject
    assert result.identity.key
    assert result.identity.key not in result.credential.key.reveal()
    assert result.scopes == ALL
    assert result.capabilities == ("token",)
    headers = provider.headers(result.credential, RequestToAuthorize("GET", practice.url))
    assert practice.accepts(headers["Authorization"].removeprefix("Bearer "))
    avatar = await provider.avatar(result.server, result.identity, result.credential)
    assert avatar.media_type == "image/png"


@pytest.mark.parametrize("around", ["{}", "  {}\n", "Bearer {}", "bearer {} "])
async def test_it_is_taken_as_it_is_pasted(form, practice, around) -> None:
    token = practice.issue_personal_token()
    result = await form.submit({"token": Secret(around.format(token))})
    assert result.credential.key == Secret(token)


async def test_scopes_are_those_that_the_answer_shows(form, practice) -> None:
    scopes = ("profile:read", "profile:email", "apps:read", "streams:write")
    token = practice.issue_personal_token(scopes=scopes)
    result = await form.submit({"token": Secret(token)})
    assert result.scopes == ("profile:read", "profile:email", "apps:read")


async def test_its_end_is_known_where_it_may_see_itself(form, practice, clock) -> None:
    clock.wall = practice.now()
    token = practice.issue_personal_token(scopes=ALL, lifespan=86_400.0)
    result = await form.submit({"token": Secret(token)})
    assert result.credential.validity.lifetime == pytest.approx(86_400, abs=60)
    endless = await form.submit({"token": Secret(practice.issue_personal_token(scopes=ALL))})
    assert endless.credential.validity is None


@pytest.mark.parametrize("pasted", ["f" * 42, "short", "with space " * 5, "ü" * 42])
async def test_a_wrong_one_may_be_tried_again(form, practice, pasted) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        await form.submit({"token": Secret(pasted)})
    assert "profile:read" in caught.value.hint
    assert pasted not in str(caught.value)
    result = await form.submit({"token": Secret(practice.issue_personal_token())})
    assert isinstance(result, SignInResult)


async def test_a_token_that_may_not_say_whose_it_is(form, practice) -> None:
    token = practice.issue_personal_token(scopes=("streams:read",))
    with pytest.raises(CredentialsRefused, match="profile:read"):
        await form.submit({"token": Secret(token)})


async def test_without_an_address_the_person_is_asked_again(form, practice) -> None:
    token = Secret(practice.issue_personal_token(scopes=("profile:read",)))
    again = await form.submit({"token": token})
    assert isinstance(again, SignInForm)
    assert "profile:email" in again.note
    assert form.form == again
    result = await form.submit({"token": token})
    assert result.identity.label == "Alice Moreau"


async def test_there_is_one_form(provider, practice) -> None:
    with pytest.raises(InvalidRequest):
        await provider.begin_form(SignInRequest(practice.url), "password")


async def test_it_ends_itself_where_it_may(provider, practice) -> None:
    result = await by_token(provider, practice)
    await provider.revoke(result.server, result.credential)
    assert not practice.accepts(result.credential.key.reveal())
    await provider.revoke(result.server, result.credential)


async def test_one_that_may_not_says_what_to_do(provider, practice) -> None:
    result = await by_token(provider, practice, ("profile:read", "profile:email"))
    with pytest.raises(ProviderError, match="tokens:write") as caught:
        await provider.revoke(result.server, result.credential)
    assert "web" in caught.value.hint
    assert practice.accepts(result.credential.key.reveal())


# Environment variables ---------------------------------------------------------------------------


async def test_variables_out_and_in_again(provider, practice) -> None:
    made = await by_browser(provider, practice)
    variables = provider.variables_for(made.server, made.credential)
    assert {name: value.reveal() for name, value in variables.items()} == {
        "SPECKLE_TOKEN": made.credential.access_token.reveal(),
        "SPECKLE_SERVER": practice.url,
    }
    token = practice.issue_personal_token()
    read = {"SPECKLE_TOKEN": Secret(token), "SPECKLE_SERVER": Secret(practice.url + "/")}
    assert provider.read_variables(read).holds_credential
    result = await provider.account_from_variables(read)
    assert result.identity.label == "alice@example.com"
    # It is another program's: signing out here does not end it there.
    await provider.revoke(result.server, result.credential)
    assert practice.accepts(token)


def notes(said) -> dict[str, tuple[bool, str]]:
    return {note.name: (note.honoured, note.text) for note in said.notes}


async def test_a_token_without_server_means_the_default(provider) -> None:
    said = provider.read_variables({"SPECKLE_TOKEN": Secret("x" * 42)})
    assert said.server_url == "https://app.speckle.systems"
    assert said.holds_credential
    honoured, text = notes(said)["SPECKLE_SERVER"]
    assert honoured
    assert "app.speckle.systems" in text


async def test_every_variable_is_accounted_for(provider) -> None:
    said = provider.read_variables(
        {
            "SPECKLE_SERVER": Secret("speckle.xyz"),
            "SPECKLE_DEFAULT_SPECKLE_SERVER_URL": Secret("https://other.example"),
            "SPECKLE_USERDATA_PATH": Secret("/srv/speckle"),
        }
    )
    assert said.server_url == "https://speckle.xyz"
    assert said.method == "browser"
    assert not said.holds_credential
    assert set(notes(said)) < set(provider.variable_names)
    assert notes(said)["SPECKLE_DEFAULT_SPECKLE_SERVER_URL"][0] is False
    assert "Accounts.db" in notes(said)["SPECKLE_USERDATA_PATH"][1]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"SPECKLE_SERVER": "https://x.example"},
        {"SPECKLE_TOKEN": "t" * 42, "SPECKLE_SERVER": "http://x.example"},
    ],
)
async def test_nothing_usable(provider, variables) -> None:
    read = {name: Secret(value) for name, value in variables.items()}
    assert not provider.read_variables(read).holds_credential
    with pytest.raises(InvalidRequest) as caught:
        await provider.account_from_variables(read)
    assert caught.value.hint


async def test_a_variable_with_a_dead_token(provider, practice) -> None:
    with SpeckleServer() as other:
        token = other.issue_personal_token()
    read = {"SPECKLE_TOKEN": Secret(token), "SPECKLE_SERVER": Secret(practice.url)}
    with pytest.raises(CredentialsRefused):
        await provider.account_from_variables(read)

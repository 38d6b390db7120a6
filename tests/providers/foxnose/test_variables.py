"""Environment variables, out and in."""

from __future__ import annotations

import pytest

from manager.core.errors import InvalidRequest
from manager.core.secret import Secret

pytestmark = pytest.mark.anyio


def revealed(variables) -> dict[str, str]:
    return {name: value.reveal() for name, value in variables.items()}


def secrets(**values: str) -> dict[str, Secret]:
    return {name: Secret(value) for name, value in values.items()}


async def test_a_sign_in_gives_its_access_token_and_never_the_refresh_token(bench) -> None:
    account = await bench.alice()
    found = revealed(bench.provider.variables_for(account.server, account.credential))
    assert found == {
        "FOXNOSE_ACCESS_TOKEN": account.credential.token.reveal(),
        "FOXNOSE_API_URL": bench.server.url,
        "FOXNOSE_ENVIRONMENT_KEY": bench.server.environment,
        "FOXNOSE_BASE_URL": bench.server.flux_url,
    }
    assert account.credential.refresh_token.reveal() not in found.values()


async def test_a_simple_key_gives_both_halves_and_a_secure_one_a_sentence(bench) -> None:
    key, secret = bench.server.new_key()
    simple = await bench.sign_in(
        "simple_key", public_key=key.public_key, secret_key=secret, **bench.key_place()
    )
    found = revealed(bench.provider.variables_for(simple.server, simple.credential))
    assert (found["FOXNOSE_PUBLIC_KEY"], found["FOXNOSE_SECRET_KEY"]) == (key.public_key, secret)
    assert found["FOXNOSE_API_PREFIX"] == "v1"
    secure = await bench.sign_in(
        "secure_key", public_key=key.public_key, private_key=secret, **bench.key_place()
    )
    with pytest.raises(InvalidRequest, match="never leaves"):
        bench.provider.variables_for(secure.server, secure.credential)


async def test_what_goes_out_comes_in_again(bench) -> None:
    account = await bench.alice()
    key, secret = bench.server.new_key()
    simple = await bench.sign_in(
        "simple_key", public_key=key.public_key, secret_key=secret, **bench.key_place()
    )
    made = bench.server.keys.issue_bearer(key, bench.server.now())
    bearer = await bench.sign_in("bearer_token", bearer_token=made, **bench.key_place())
    for source, method in (
        (account, "static_token"), (simple, "simple_key"), (bearer, "bearer_token"),
    ):  # fmt: skip
        variables = bench.provider.variables_for(source.server, source.credential)
        read = bench.provider.read_variables(variables)
        assert (read.method, read.server_url) == (method, bench.server.url)
        assert read.holds_credential
        result = await bench.provider.account_from_variables(variables)
        asked = bench.organizations if method == "static_token" else bench.articles
        assert asked(result.credential) == 200


async def test_each_variable_is_honoured_or_explained(bench) -> None:
    read = bench.provider.read_variables
    names = secrets(FOXNOSE_ACCESS_TOKEN="jwt", FOXNOSE_PUBLIC_KEY="p", FOXNOSE_SECRET_KEY="s")
    notes = {note.name: note.honoured for note in read(names).notes}
    assert notes == {
        "FOXNOSE_ACCESS_TOKEN": True, "FOXNOSE_PUBLIC_KEY": False, "FOXNOSE_SECRET_KEY": False,
    }  # fmt: skip
    assert read(secrets(FOXNOSE_ACCESS_TOKEN="jwt")).server_url == "https://api.foxnose.net"
    alone = read(secrets(FOXNOSE_PUBLIC_KEY="p"))
    assert not alone.holds_credential
    assert "FOXNOSE_ACCESS_TOKEN is missing" in alone.notes[0].text
    key = secrets(
        FOXNOSE_PUBLIC_KEY="p", FOXNOSE_SECRET_KEY="s", FOXNOSE_BASE_URL="https://abc.fxns.io"
    )
    assert read(key).server_url == "https://abc.fxns.io"
    assert (await bench.provider.account_from_variables(key)).server.url == "https://abc.fxns.io"
    with pytest.raises(InvalidRequest):
        await bench.provider.account_from_variables(secrets(FOXNOSE_PUBLIC_KEY="p"))
    assert not read({}).notes

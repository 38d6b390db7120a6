"""Acme servers: an API key in a header of their own, which GET /api/me tells the owner of."""

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey
from manager.core.errors import CredentialsRefused, InvalidRequest, ProviderError, RefreshRefused
from manager.core.provider import ServerProbe, SignInMethod, SignInResult
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import fingerprint
from manager.core.server_address import origin
from manager.core.sign_in_form import FieldKind, FormField, SignInForm
from manager.oauth.json_object import json_object
from manager.providers.no_verdict import no_verdict

KEY = FormField("key", "API key", FieldKind.SECRET, hint="Acme, Settings, API keys.")
FORM = SignInForm("api_key", "API key", (KEY,))


def open_provider(context):
    return AcmeProvider(context.http, context.clock)


class AcmeProvider:
    id, name = "acme", "Acme"

    def __init__(self, http, clock):
        self._http, self._clock = http, clock

    async def probe(self, url):
        answer = await self._http.request("GET", f"{origin(url)}/api/version")
        if "acme" not in (json_object(answer.body) or {}):
            return None
        here, how = Server(origin(url), "Acme"), (SignInMethod.FORM,)
        return ServerProbe(self.id, here, how, forms=(FORM,))

    async def begin_form(self, request, form_id):
        if form_id != FORM.id:
            raise InvalidRequest("Acme has no such form.")
        return AcmeForm(self, origin(request.server_url))

    async def me(self, url, key):
        """Who holds the key, None where the server does not accept it."""
        answer = await self._http.request("GET", f"{url}/api/me", headers=_headers(key))
        if answer.status == 401 and json_object(answer.body) is not None:
            return None
        me = json_object(answer.body) if answer.status == 200 else None
        if me is None or not {"id", "mail", "name"} <= me.keys():
            raise no_verdict(answer, self._clock.now().wall, self.name)
        return Identity(str(me["id"]), str(me["mail"]), str(me["name"]), key=fingerprint(key))

    async def verify(self, server, identity, credential):
        who = await self.me(server.url, credential.key)
        return StillSignedIn(server, who) if who else SignedOutThere("The key was taken back.")

    async def refresh(self, server, identity, credential):
        raise RefreshRefused("An API key is not renewed.")

    async def revoke(self, server, credential):
        raise ProviderError("Acme ends keys in its settings only.", hint=KEY.hint)

    def headers(self, credential, request):
        return _headers(credential.key)

    def origins(self, server, credential):
        return (server.url,)


def _headers(key):
    return {"X-Acme-Key": key.reveal()}


class AcmeForm:
    form = FORM

    def __init__(self, provider, url):
        self._provider, self._url = provider, url

    async def submit(self, values):
        who = await self._provider.me(self._url, values["key"])
        if who is None:
            raise CredentialsRefused("Acme does not accept this key.", hint=KEY.hint)
        return SignInResult(Server(self._url, "Acme"), who, ApiKey(values["key"], "X-Acme-Key", ""))

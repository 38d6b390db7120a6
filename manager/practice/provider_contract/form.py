"""Signing in by typing or pasting."""

from __future__ import annotations

from manager.core.errors import CredentialsRefused, InvalidRequest, ServerUnreachable
from manager.core.form_sign_in import SignsInByForm
from manager.core.secret import Secret
from manager.core.sign_in_form import FieldKind, checked_values

from .setting import ContractBroken, FormSetting, ProviderSetting, Trouble
from .signing_in import Check, error_of, filled_in, form_begun, hold

_DEPTH = 4
"""How far a pending form is looked into: itself, what it holds, and what that holds."""


async def form_is_what_the_probe_says(setting: ProviderSetting) -> None:
    probe = await setting.provider.probe(setting.request.server_url)
    person = _person(setting)
    if probe is None:
        raise ContractBroken("probe() does not recognise a server of its own kind.")
    hold(person.form_id in [form.id for form in probe.forms], "probe() does not name the form.")
    form = (await form_begun(person)).form
    hold(bool(form.title), "The form has no title.")
    names = [field.name for field in form.fields]
    hold(bool(names) and len(names) == len(set(names)), "Fields need names of their own.")
    hold(all(field.label for field in form.fields), "Every field has a label.")
    secret = [field for field in form.fields if field.kind is FieldKind.SECRET]
    hold(not any(field.default for field in secret), "A secret has no default.")


async def another_form_is_refused(setting: ProviderSetting) -> None:
    provider = setting.provider
    if not isinstance(provider, SignsInByForm):
        raise ContractBroken("A form is offered, but begin_form() is missing.")
    error = await error_of(provider.begin_form(setting.request, "no-such-form"))
    hold(isinstance(error, InvalidRequest), "An unknown form must be InvalidRequest.")


async def wrong_values_are_refused_and_may_be_tried_again(setting: ProviderSetting) -> None:
    person = _person(setting)
    pending = await form_begun(person)
    wrong = checked_values(pending.form, person.mistype(pending.form))
    error = await error_of(pending.submit(wrong))
    hold(isinstance(error, CredentialsRefused), "A wrong password or key: CredentialsRefused.")
    await filled_in(person, pending)


async def form_keeps_nothing_that_was_typed(setting: ProviderSetting) -> None:
    person = _person(setting)
    pending = await form_begun(person)
    typed = checked_values(pending.form, person.fill(pending.form))
    secrets = [
        typed[field.name].reveal()
        for field in pending.form.fields
        if field.kind is FieldKind.SECRET and field.name in typed
    ]
    await error_of(pending.submit(checked_values(pending.form, person.mistype(pending.form))))
    await pending.submit(typed)
    hold(not any(secret in text for secret in secrets for text in _texts(pending)),
         "What was typed is still kept after the sign-in.")  # fmt: skip


async def trouble_at_a_form_is_no_wrong_password(setting: ProviderSetting) -> None:
    person = _person(setting)
    for trouble in (Trouble.AWAY, Trouble.CAPTIVE_PORTAL, Trouble.BROKEN, Trouble.RATE_LIMITED):
        pending = await form_begun(person)
        values = checked_values(pending.form, person.fill(pending.form))
        async with setting.trouble(trouble):
            error = await error_of(pending.submit(values))
        hold(error is not None, f"A form is accepted although the server is {trouble}.")
        hold(not isinstance(error, CredentialsRefused), f"{trouble} is read as a wrong password.")
        if trouble is Trouble.AWAY:
            hold(isinstance(error, ServerUnreachable), "Away is ServerUnreachable.")


def _person(setting: ProviderSetting) -> FormSetting:
    if not isinstance(setting, FormSetting):
        raise ContractBroken("These checks need a person who types.")
    return setting


def _texts(value: object, depth: int = _DEPTH) -> list[str]:
    """Every text that can be reached from a pending form, its secrets opened."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Secret):
        return [value.reveal()]
    if depth == 0 or isinstance(value, type):
        return []
    inside: list[object] = []
    if isinstance(value, dict):
        inside += [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inside += list(value)
    else:
        inside += list(getattr(value, "__dict__", {}).values())
        for cls in type(value).__mro__:
            slots = getattr(cls, "__slots__", ())
            inside += [getattr(value, name, None) for name in slots if name != "__dict__"]
    return [text for each in inside for text in _texts(each, depth - 1)]


CHECKS: tuple[Check, ...] = (
    form_is_what_the_probe_says,
    another_form_is_refused,
    wrong_values_are_refused_and_may_be_tried_again,
    form_keeps_nothing_that_was_typed,
    trouble_at_a_form_is_no_wrong_password,
)

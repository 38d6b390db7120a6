"""The ways to sign in at FoxNose, as forms."""

from __future__ import annotations

from manager.core.sign_in_form import FieldKind, FormField, SignInForm

from .place import FLUX, MANAGEMENT, REFRESH_PATH, Place

PASSWORD, STATIC_TOKEN, TOKEN_PAIR = "password", "static_token", "token_pair"
SIMPLE_KEY, SECURE_KEY, BEARER_TOKEN = "simple_key", "secure_key", "bearer_token"

_UNCHECKED = (
    " It is checked at once for the Management API, and where the prefix of an API that asks for"
    " keys is given; otherwise it is stored unchecked, because FoxNose has no other request to try"
    " it with."
)


def forms(place: Place, refresh_path: str, *, flux_only: bool) -> tuple[SignInForm, ...]:
    """`place`, `refresh_path`: what is known already, as defaults. `flux_only`: at an address of
    the Flux API nobody signs in but keys."""
    keys = (_simple(place), _secure(place), _bearer(place))
    if flux_only:
        return keys
    people = (_password(place, refresh_path), _pair(place, refresh_path), _static(place))
    return people + keys


def _password(place: Place, refresh_path: str) -> SignInForm:
    return SignInForm(
        PASSWORD,
        "E-mail and password",
        (
            FormField("email", "E-mail address", FieldKind.EMAIL),
            FormField("password", "Password", FieldKind.SECRET),
            *_place_fields(place, required=False),
            _refresh_path(refresh_path),
        ),
        note="The password is sent to FoxNose once and not kept. The sign-in is renewed by itself.",
    )


def _pair(place: Place, refresh_path: str) -> SignInForm:
    return SignInForm(
        TOKEN_PAIR,
        "Access and refresh token",
        (
            FormField("access_token", "Access token", FieldKind.SECRET),
            FormField("refresh_token", "Refresh token", FieldKind.SECRET),
            *_place_fields(place, required=False),
            _refresh_path(refresh_path),
        ),
        note="Each refresh token counts once: another program that uses the same one is signed"
        " out by the first renewal here.",
    )


def _static(place: Place) -> SignInForm:
    return SignInForm(
        STATIC_TOKEN,
        "Access token",
        (
            FormField("access_token", "Access token", FieldKind.SECRET),
            *_place_fields(place, required=False),
        ),
        note="It is checked at once. It cannot be renewed: after 24 hours paste a new one.",
    )


def _simple(place: Place) -> SignInForm:
    return SignInForm(
        SIMPLE_KEY,
        "API key, Simple",
        (
            FormField("public_key", "Public key"),
            FormField("secret_key", "Secret key", FieldKind.SECRET),
            *_key_fields(place),
        ),
        note="The secret goes with every request. Better sign them: API key, Secure." + _UNCHECKED,
    )


def _secure(place: Place) -> SignInForm:
    return SignInForm(
        SECURE_KEY,
        "API key, Secure",
        (
            FormField("public_key", "Public key"),
            FormField(
                "private_key", "Private key", FieldKind.SECRET, hint="Base64 of DER, or PEM."
            ),
            *_key_fields(place),
        ),
        note="Requests are signed here; the private key never leaves." + _UNCHECKED,
    )


def _bearer(place: Place) -> SignInForm:
    return SignInForm(
        BEARER_TOKEN,
        "Flux bearer token",
        (
            FormField(
                "bearer_token", "Bearer token", FieldKind.SECRET, hint="It begins with fxk_."
            ),
            *_place_fields(place, required=True),
            _prefix(place),
        ),
        note="It is checked at once where the prefix of an API that asks for keys is given, else it"
        " is stored unchecked.",
    )


def _place_fields(place: Place, *, required: bool) -> tuple[FormField, ...]:
    return (
        FormField(
            "environment",
            "Environment",
            required=required and not place.environment,
            hint="Its key, as in https://KEY.fxns.io.",
            default=place.environment,
        ),
        FormField(
            "flux_url",
            "Address of the Flux API",
            required=False,
            hint="Only where it is not https://ENVIRONMENT.fxns.io.",
            default=place.flux_url,
        ),
    )


def _key_fields(place: Place) -> tuple[FormField, ...]:
    return (
        *_place_fields(place, required=True),
        FormField("api", "For which API", FieldKind.CHOICE, choices=(FLUX, MANAGEMENT),
                  required=False, default=FLUX),
        _prefix(place),
    )  # fmt: skip


def _prefix(place: Place) -> FormField:
    return FormField(
        "api_prefix",
        "Prefix of an API",
        required=False,
        hint="To check the key with, as in https://KEY.fxns.io/PREFIX/...",
        default=place.api_prefix,
    )


def _refresh_path(path: str) -> FormField:
    return FormField(
        "refresh_path",
        "Refresh path",
        required=False,
        hint=f"Where tokens are renewed. FoxNose's documents do not name it; {REFRESH_PATH} stands"
        " beside the documented sign-in.",
        default=path,
    )

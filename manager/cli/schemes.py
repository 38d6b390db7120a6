"""The system's URI schemes as the command line uses them, its errors made the client's."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from manager.client.errors import AccountManagerError, InvalidRequest, RedirectUnavailable
from manager.system.launch_line import launch_line
from manager.system.paths import FolderUnsafe, folders, private_folder
from manager.system.uri_scheme import SchemeRegistrationFailed, SchemeStatus
from manager.system.uri_scheme.linux import LinuxUriSchemes

from .output import say, say_json, shown


@contextmanager
def uri_schemes() -> Iterator[LinuxUriSchemes]:
    """The registry of schemes. Raises the client's errors, which have exit statuses."""
    if not sys.platform.startswith("linux"):
        raise InvalidRequest("Schemes are registered by the installer on this system.")
    try:
        yield LinuxUriSchemes(launch_line(), private_folder(folders().state))
    except AccountManagerError:
        raise
    except (SchemeRegistrationFailed, FolderUnsafe) as error:
        raise RedirectUnavailable(error.message, hint=error.hint) from None


def report(found: Sequence[SchemeStatus], *, as_json: bool) -> None:
    """Who opens each scheme now."""
    if as_json:
        handlers = [
            {"scheme": each.scheme, "ours": each.ours, "handler": each.handler} for each in found
        ]
        say_json({"schemes": handlers})
        return
    for each in found:
        who = "Account Manager" if each.ours else each.handler_name or "nobody"
        say(f"{each.scheme}: is opened by {shown(who)}.")

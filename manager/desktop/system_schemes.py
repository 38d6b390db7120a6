"""The system's registry of URI schemes, asked beside the loop."""

from __future__ import annotations

import asyncio
import sys

from manager.system.launch_line import launch_line
from manager.system.paths import FolderUnsafe, folders, private_folder
from manager.system.uri_scheme import SchemeRegistrationFailed
from manager.system.uri_scheme.linux import LinuxUriSchemes

from .plain_text import plain
from .sign_in.schemes import Holder, SchemesUnavailable


class SystemSchemes:
    """On other systems than Linux the installer registers them: they are taken to be ours."""

    async def holder(self, scheme: str) -> Holder:
        if not sys.platform.startswith("linux"):
            return Holder(ours=True)
        return await asyncio.to_thread(_holder, scheme)

    async def take(self, scheme: str, *, from_another: bool) -> None:
        await asyncio.to_thread(_take, scheme, from_another)


def _registry() -> LinuxUriSchemes:
    return LinuxUriSchemes(launch_line(), private_folder(folders().state))


def _holder(scheme: str) -> Holder:
    try:
        found = _registry().status([scheme])[0]
    except (SchemeRegistrationFailed, FolderUnsafe) as error:
        raise SchemesUnavailable(error.message, error.hint) from None
    other = (found.handler_name or found.handler or "") if found.taken else ""
    return Holder(ours=found.ours, other=plain(other))


def _take(scheme: str, from_another: bool) -> None:
    try:
        _registry().register([scheme], take_over=from_another)
    except (SchemeRegistrationFailed, FolderUnsafe) as error:
        raise SchemesUnavailable(error.message, error.hint) from None

"""Which of a server's addresses may be spoken to or opened, decided before anything is.

Other programs handed `javascript:` and `file:` addresses, or addresses with shell metacharacters,
from a server's metadata to the system (oidc-agent before 5.3.8, CVE-2025-6514).
"""

from __future__ import annotations

from manager.core.errors import InvalidRequest
from manager.core.server_address import origin, reaches_into_this_machine

_LONGEST = 2048


def checked_endpoint(address: object, *, of: str) -> str:
    """An address that the server `of` names as its own, unchanged.

    https; plain http only on this machine, and only where `of` is on this machine too: a server
    elsewhere could otherwise make us talk to the person's own local services. No userinfo, no
    fragment (RFC 6749 section 3.1), no character that an address does not have. Raises
    InvalidRequest.
    """
    if not isinstance(address, str) or len(address) > _LONGEST or not address.isascii():
        raise InvalidRequest("The server names an address that is none.")
    if "#" in address:
        raise InvalidRequest("The server names an address with a fragment.")
    if "://" not in address:
        raise InvalidRequest("The server names an address that is not https.")
    origin(address)
    if reaches_into_this_machine(address, of=of):
        raise InvalidRequest("The server names an address on this machine.")
    return address

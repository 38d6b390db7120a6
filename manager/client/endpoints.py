"""Which socket a client uses, and the error for one that nobody serves."""

from __future__ import annotations

from .errors import AccountManagerError, AgentUnavailable
from .protocol.endpoint import EndpointError, agent_socket, control_socket


def socket_path(named: str | None, *, control: bool) -> str:
    """The socket's path. Raises AgentUnavailable when the environment names no usable place."""
    if named:
        return named
    try:
        return control_socket() if control else agent_socket()
    except EndpointError as error:
        raise AgentUnavailable(
            str(error), hint="Correct ACCOUNT_MANAGER_SOCKET or ACCOUNT_MANAGER_HOME."
        ) from None


def unavailable(path: str, error: OSError | None = None) -> AccountManagerError:
    """No agent answers at `path`; `error` says why where it is not simply absent."""
    if error is None:
        return AgentUnavailable("No agent is running.", hint="Start it: account-manager agent")
    return AgentUnavailable(
        "The agent's socket {} cannot be used ({}).".format(path, error.strerror),
        hint="Start the agent as the same user: account-manager agent",
    )

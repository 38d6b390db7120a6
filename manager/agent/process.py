"""The process around the agent: folders, lock, sockets, signals, and a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from manager.client.protocol.endpoint import EndpointError, agent_socket, control_socket
from manager.core.consent import ConsentMode
from manager.core.errors import AccountManagerError, InvalidRequest, PassphraseRefused
from manager.storage.vault import FileVault
from manager.system.launch_line import remember_launch_line
from manager.system.paths import Folders, folders, prepare, private_folder
from manager.system.single_instance import (
    AlreadyRunning,
    SingleInstance,
    remove_socket,
    socket_identity,
)

from .composition import Agent, compose
from .log import log_quietly, start_log
from .options import AgentOptions
from .passphrase import NoPassphrase, open_at_start, terminal
from .vault_choice import remember_vault, vault_of

_log = logging.getLogger(__name__)
_RUNNING, _PERSON_NEEDED, _MISCONFIGURED = 75, 77, 78


class _Stopped(Exception):
    """Ends the task group from within."""


def run_agent(options: AgentOptions) -> int:
    """Serve until told to stop. The exit status is that of `manager.agent.main`."""
    try:
        found = prepare(folders())
        private_folder(Path(agent_socket()).parent)
        start_log(found.state, verbose=options.verbose)
        with ExitStack() as stack:
            instance = stack.enter_context(SingleInstance(found.run))
            vault = _open_vault(options, found)
            sockets = []
            for path in (agent_socket(), control_socket()):
                listener = instance.listen(path)
                stack.callback(remove_socket, path, socket_identity(path))
                sockets.append(listener)
            _say_hello(options)
            _remember_launch_line(found)
            asyncio.Runner().run(_serve(options, found, sockets, vault))
    except AlreadyRunning as running:
        return _told(running, _RUNNING)
    except (PassphraseRefused, NoPassphrase, InvalidRequest) as failure:
        return _told(failure, _PERSON_NEEDED)
    except KeyboardInterrupt:
        return 130
    except AccountManagerError as failure:
        return _told(failure, _MISCONFIGURED)
    except (EndpointError, OSError) as failure:
        print(f"account-manager agent: {failure}", file=sys.stderr)
        return _MISCONFIGURED
    return _leave(0)


def _open_vault(options: AgentOptions, found: Folders) -> FileVault | None:
    """The file vault where the person chose it: open where a passphrase is at hand. Before the
    sockets, so that nobody waits in them for an answer that a person has yet to type."""
    vault = vault_of(options.vault, found)
    if vault is not None:
        if not open_at_start(vault, options.passphrase_descriptor, os.environ, terminal()):
            _log.warning("the vault is locked; give its passphrase: account-manager unlock")
    elif options.passphrase_descriptor is not None:
        raise InvalidRequest(
            "A passphrase is given, but the settings do not choose the file vault.",
            hint="Choose it: account-manager agent --vault=file",
        )
    remember_vault(options.vault, found)
    return vault


async def _serve(
    options: AgentOptions, found: Folders, sockets: list[socket.socket], vault: FileVault | None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_quietly)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(name, stop.set)
    agent: Agent | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            agent = compose(options, found, tasks, stop.set, vault)
            agent.connectors.listen(sockets[0])
            agent.control.listen(sockets[1])
            tasks.create_task(agent.scheduler.run())
            tasks.create_task(agent.showing.start())
            await stop.wait()
            await agent.close()
            raise _Stopped
    except* _Stopped:
        _log.info("stopped")
    finally:
        if agent is not None:
            await agent.store.close()
            await agent.http.close()


def _say_hello(options: AgentOptions) -> None:
    if options.consent is ConsentMode.ALLOW:
        _log.warning("every program of this user may get tokens (--consent=allow)")
    else:
        _log.warning("no program gets tokens (--consent=deny)")


def _remember_launch_line(found: Folders) -> None:
    try:
        remember_launch_line(found.state)
    except AccountManagerError as failure:
        _log.warning("programs cannot start the agent by themselves: %s", failure.message)


def _told(failure: AccountManagerError, status: int) -> int:
    print(f"account-manager agent: {failure.message}\n{failure.hint}".rstrip(), file=sys.stderr)
    return status


def _leave(status: int) -> NoReturn:
    """End now. A thread that hangs in a dead keychain or name server would hold up a usual exit;
    everything that must be kept has been closed."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

"""Composition root of the agent: the one process that holds secrets."""

from __future__ import annotations


def main(arguments: list[str]) -> int:
    """`account-manager agent [--consent=allow|deny] [--verbose] [--own-servers]
    [--vault=system|file] [--passphrase-fd N]`; returns the exit status.

    0: stopped as asked; 64: unknown option; 75: another agent of this user runs already; 77: no
    passphrase that opens the vault; 78: the folders, settings, vault or sockets cannot be used.
    """
    from manager.system.hardening import harden_process  # noqa: PLC0415  # before anything else

    harden_process()
    from .options import OptionError, parse_options  # noqa: PLC0415
    from .process import run_agent  # noqa: PLC0415

    try:
        options = parse_options(arguments[1:])
    except OptionError as mistake:
        mistake.tell()
        return mistake.status
    return run_agent(options)

"""Close what an operating system leaves open about a process that holds secrets."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
import traceback
from collections.abc import MutableMapping

if sys.platform != "win32":
    import resource

_PR_SET_DUMPABLE = 4
_DESCRIPTORS = 64 * 1024
_M_MMAP_THRESHOLD = -3
_LARGE = 96 * 1024

_POISONED = {
    "SSLKEYLOGFILE",  # writes TLS session keys to a file
    "SSL_CERT_FILE",  # roots come from the system's store, not from the environment
    "SSL_CERT_DIR",
    "OPENSSL_CONF",  # may load an engine
    "OPENSSL_MODULES",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "GIO_EXTRA_MODULES",
    "GTK_MODULES",
    "BASH_ENV",
    "ENV",
}
_POISONED_PREFIXES = ("PYTHON", "KEYRING", "QT_PLUGIN", "QT_QPA_PLATFORM_PLUGIN", "QML", "DYLD_")
_HARMLESS = {"PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUNBUFFERED"}


def harden_process(environ: MutableMapping[str, str] = os.environ) -> None:
    """All of it, for the agent, before anything else is imported or opened."""
    os.umask(0o077)
    forbid_core_dumps()
    allow_descriptors()
    give_memory_back()
    scrub_environment(environ)
    install_quiet_traceback()


def harden_front_door(environ: MutableMapping[str, str] = os.environ) -> None:
    """For a process that holds no key and no token (window, command line). It stays open to its own
    user's portals and screen readers, which look a program up in /proc/PID before they serve it."""
    os.umask(0o077)
    scrub_environment(environ)
    install_quiet_traceback()


def forbid_core_dumps() -> None:
    """No core file, and no other process of the user may attach or read /proc/PID/mem, environ
    (prctl(2), PR_SET_DUMPABLE; the kernel then gives /proc/PID to root)."""
    if sys.platform == "win32":
        return
    # The soft limit is enough for the kernel, the hard one stops what we start.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def allow_descriptors() -> None:
    """As many open files as this session may have, up to 64 Ki. The usual soft limit of 1,024 is
    for programs that call select(2); a thousand idle connectors would lock everybody else out."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # Darwin's own limit may be lower
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def give_memory_back() -> None:
    """Large blocks return to the system as soon as they are free (mallopt(3), M_MMAP_THRESHOLD).
    Left to itself glibc raises that bound with the first large block that it frees; after 64 peers
    that did not read their answers the agent kept 40 MiB for good, with this 12."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # musl has no mallopt, and returns them anyway
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)


def scrub_environment(environ: MutableMapping[str, str]) -> list[str]:
    """Take away what loads code or weakens TLS, here and in all that is started from here.

    Returns the names that went. What the dynamic loader and the interpreter read at their own start
    is past changing: `-I` and the clean environment of the launch line are for that.
    """
    gone = sorted(name for name in environ if is_poisoned(name))
    for name in gone:
        del environ[name]
    return gone


def is_poisoned(name: str) -> bool:
    """Whether an environment variable of this name may load code or weaken TLS."""
    upper = name.upper()
    return upper not in _HARMLESS and (upper in _POISONED or upper.startswith(_POISONED_PREFIXES))


def install_quiet_traceback() -> None:
    """Uncaught errors, in threads and finalizers too, print where and of which type: neither locals
    nor the error's own text, which may quote a server's answer."""
    sys.excepthook = lambda *caught: _print_quietly(caught[1])
    threading.excepthook = lambda caught: _print_quietly(caught.exc_value)
    sys.unraisablehook = lambda caught: _print_quietly(caught.exc_value)


def _print_quietly(error: BaseException | None, depth: int = 0) -> None:
    if error is None or isinstance(error, KeyboardInterrupt):
        return
    indent = "  " * depth
    for frame in traceback.extract_tb(error.__traceback__):
        print(f"{indent}  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
    print(f"{indent}{type(error).__module__}.{type(error).__qualname__}", file=sys.stderr)
    if isinstance(error, BaseExceptionGroup):  # what a TaskGroup raises: the causes are inside
        for part in error.exceptions:
            _print_quietly(part, depth + 1)

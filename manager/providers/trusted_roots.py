"""Which certificates are believed: those of the operating system, company roots included."""

from __future__ import annotations

import os
import ssl
import sys


def tls_context() -> ssl.SSLContext:
    """A client context that checks chain and host name; blocks some 40 ms, so call it in a thread.

    On Linux the roots are files, read here once: truststore reads them anew for each connection,
    30 ms on the loop each time. macOS and Windows keep theirs behind an API, truststore's field;
    so does a Linux whose Python looks where no roots are.

    SSLKEYLOGFILE is not read: only `ssl.create_default_context` does that.
    """
    if sys.platform == "linux" and _has_default_roots():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_default_verify_paths()
        return context
    import truststore  # noqa: PLC0415  # loaded where it is used

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _has_default_roots() -> bool:
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return True
    return bool(paths.capath) and any(name.endswith(".0") for name in os.listdir(paths.capath))

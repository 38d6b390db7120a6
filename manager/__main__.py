"""Which role is this process? Import only that role."""

from __future__ import annotations

import sys
from importlib import import_module

_ROLES = {
    "handle-uri": ("manager.relay", ""),
    "agent": ("manager.agent", "agent"),
    "demo": ("manager.practice.demo", "agent"),
}
_SIZES = {
    "agent": "The agent is not installed here. Install account-manager[agent].",
    "desktop": "The window is not installed here. Install account-manager[desktop].",
}


def main(argv: list[str] | None = None) -> int:
    """Run one role and return its exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments:
        module, size = "manager.desktop", "desktop"
    else:
        module, size = _ROLES.get(arguments[0], ("manager.cli", ""))
    try:
        # Roles import their parts late, so what is missing may show only when one runs.
        status: int = import_module(module).main(arguments)
    except ModuleNotFoundError as missing:
        if size and not (missing.name or "").startswith("manager"):
            print(_SIZES[size], file=sys.stderr)
            return 69
        raise
    return status


if __name__ == "__main__":
    sys.exit(main())

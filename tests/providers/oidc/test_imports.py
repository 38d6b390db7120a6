from __future__ import annotations

import subprocess
import sys

LATE = ("joserfc", "cryptography", "oauthlib", "httpx")


def test_an_agent_that_signs_nobody_in_pays_for_no_cryptography():
    program = (
        "import sys, manager.providers.oidc\n"
        f"print([name for name in {LATE!r} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"

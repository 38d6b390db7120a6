"""A program with Mesh's unmodified SDK, started by test_mesh_sdk with its environment. Each line
that it reads is a step; it answers with a line of JSON."""

from __future__ import annotations

import json
import sys
import time


class Steps:
    def __init__(self) -> None:
        self.client = None

    def make(self):
        from mesh import MeshClient

        self.client = MeshClient()
        return type(self.client).__module__

    def make_ours(self):
        from manager.integrations.mesh import MeshClient

        self.client = MeshClient()
        return type(self.client).__module__

    def chat(self):
        return self.client.chat("Hello, world!")

    def module_chat(self):
        import mesh

        return mesh.chat("Hello, world!")

    def module_keys(self):
        import mesh

        stored = mesh.store_key("favourite", "blue")["success"]
        return [stored, mesh.get_key("favourite"), mesh.list_keys()]

    def age(self):
        """As if the clock had gone on until the SDK takes the token for stale."""
        self.client._token_data["expires_at"] = time.time() + 299
        return self.client._auth_token[-12:]

    def token(self):
        return self.client._auth_token[-12:]

    def slot(self):
        import keyring

        return json.loads(keyring.get_password("mesh-sdk", "default"))

    def write_slot(self):
        from mesh.token_manager import clear_token, store_token

        stored = store_token({"access_token": "a.b.c" * 9, "expires_at": time.time() + 9999})
        return [stored, clear_token()]

    def store_given(self):
        from mesh.token_manager import store_token

        with open("given") as file:
            return store_token(json.load(file))

    def other_services(self):
        import keyring

        keyring.set_password("another service", "somebody", "its password")
        found = keyring.get_password("another service", "somebody")
        credential = keyring.get_credential("another service", "somebody")
        keyring.delete_password("another service", "somebody")
        gone = keyring.get_password("another service", "somebody")
        return [found, credential.password, gone]

    def keep_other(self):
        import keyring

        keyring.set_password("another service", "kept", "its password")
        return type(keyring.get_keyring()).__module__

    def kept_other(self):
        import keyring

        return [
            keyring.get_password("another service", "kept"),
            keyring.get_password("mesh-sdk", "default"),
            type(keyring.get_keyring()).__module__,
        ]


def main() -> None:
    steps = Steps()
    for line in sys.stdin:
        try:
            answer = {"done": getattr(steps, line.strip())()}
        except Exception as error:  # noqa: BLE001  # as the SDK itself does
            answer = {"exception": str(error)}
        except BaseException as error:  # noqa: BLE001  # what passes the SDK
            answer = {"stopped": str(error), "kind": type(error).__name__}
        print("\n" + json.dumps({"answer": answer}), flush=True)


main()

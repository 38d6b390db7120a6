from __future__ import annotations

from manager.services.sign_in_completion import new_account_id


class Dashes:
    """Randomness that comes out at its worst."""

    def token(self, size: int) -> str:
        return "-7" * size

    def fraction(self) -> float:
        return 0.0


def test_an_account_s_id_can_stand_on_a_command_line():
    assert not new_account_id(Dashes()).startswith("-")

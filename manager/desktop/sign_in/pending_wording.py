"""What is said of a sign-in that waits while something else is shown."""

from __future__ import annotations

from .steps import EnterCode, FillIn, Pending


def also_waiting(step: Pending) -> str:
    """One line; a press on it shows that sign-in."""
    if isinstance(step, EnterCode):
        return f"Waiting for the code at {step.server_name}"
    if isinstance(step, FillIn):
        return f"{step.form.title} for {step.server_name}"
    return f"Waiting for {step.server_name} in the browser"

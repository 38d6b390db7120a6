"""What is written is read back as it was: by a real sh, by python-dotenv, by JSON."""

from __future__ import annotations

import io
import json
import subprocess

import dotenv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager.cli.variable_formats import checked, written
from manager.client.errors import InvalidRequest, ProtocolError

HARD = "aZ09'\"`$(){}[]\\\n\r\t #;&|<>*?~!=-_.:/@é\u2028💧\x1b"
VALUES = st.text(
    st.one_of(st.sampled_from(HARD), st.characters(codec="utf-8", exclude_characters="\0"))
)
NAMES = st.from_regex(r"\AAM_[A-Za-z0-9_]{0,12}\Z")
VARIABLES = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(VARIABLES)
def test_a_real_shell_reads_what_was_written(variables: dict[str, str]) -> None:
    script = (
        written(variables, "shell")
        + "\n"
        + "".join(f'printf "%s\\0" "${name}"\n' for name in variables)
    )
    done = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == list(variables.values())
    assert done.stderr == b""


@settings(max_examples=60, deadline=None)
@given(VARIABLES)
def test_eval_of_a_substitution_does_too(variables: dict[str, str]) -> None:
    text = written(variables, "shell")
    last = list(variables)[-1]
    script = f'eval "$(cat)"\nprintf "%s\\0" "${last}"'
    done = subprocess.run(
        ["sh", "-c", script], input=text.encode(), capture_output=True, check=True
    )
    assert done.stdout.decode() == variables[last] + "\0"


@settings(max_examples=400, deadline=None)
@given(VARIABLES)
def test_dotenv_reads_what_was_written(variables: dict[str, str]) -> None:
    if any("${" in each or each.endswith("\\") for each in variables.values()):
        with pytest.raises(InvalidRequest, match="would change"):
            written(variables, "dotenv")
        return
    text = written(variables, "dotenv")
    assert dict(dotenv.dotenv_values(stream=io.StringIO(text))) == variables


@given(VARIABLES)
def test_json_is_one_object(variables: dict[str, str]) -> None:
    assert json.loads(written(variables, "json")) == variables
    assert "\n" not in written(variables, "json")


@pytest.mark.parametrize("name", ["", "1A", "A B", "A;rm", "A=", "A\n", "é"])
def test_a_name_is_never_a_command(name: str) -> None:
    with pytest.raises(ProtocolError):
        checked({name: "x"})


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_a_value_is_one_that_an_environment_holds(value: str) -> None:
    with pytest.raises(ProtocolError):
        checked({"NAME": value})

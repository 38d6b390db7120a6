"""The benchmark runs, and says what it should; its figures are no test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.results import Goal, Results, table

ROOT = Path(__file__).parents[2]


@pytest.mark.real
def test_runs_with_tiny_numbers(tmp_path: Path) -> None:
    wanted = tmp_path / "figures.json"
    small = ["--rounds", "1", "--requests", "40", "--accounts", "2", "--no-peer"]
    parts = [word for part in ("cached", "refresh", "memory") for word in ("--only", part)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *small, *parts, "--json", wanted],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(wanted.read_text())
    measures = figures["measures"]
    assert figures["rounds"] == 1
    assert measures["cached token, 1 client, new connection, p50"]["medians"].keys() == {
        "ours",
        "echo server",
    }
    assert "agent: memory with 2 accounts" in done.stdout
    assert all(min(one["samples"]["ours"]) > 0 for one in measures.values())


def test_the_table_says_ratio_goal_and_verdict() -> None:
    results = Results()
    results.measure("token", "us", Goal("peer", 0.5), Goal(limit=0.001))
    for whose, samples in {"ours": [3e-6, 1e-6, 2e-6], "peer": [8e-6, 2e-6, 4e-6]}.items():
        for sample in samples:
            results.add("token", whose, sample)
    results.measure("throughput", "per_second", Goal("peer", 3.0, at_least=True))
    results.add("throughput", "ours", 200.0)
    results.add("throughput", "peer", 100.0)
    results.measure("memory", "MB", Goal("bare", above=5e6))
    results.add("memory", "ours", 44e6)
    results.add("memory", "bare", 40e6)
    results.measure("not run", "ms")
    assert results.rows() == [
        ("token", "2 µs", "", "", "", "<= 1000 µs", "met"),
        ("", "", "peer", "4 µs", "0.50x", "<= 0.5x", "met"),
        ("throughput", "200 /s", "peer", "100 /s", "2.00x", ">= 3x", "missed"),
        ("memory", "44 MB", "bare", "40 MB", "1.10x", "<= +5 MB", "met"),
    ]
    assert table(results.rows()).splitlines()[0].split() == [
        "measure", "ours", "beside", "theirs", "ratio", "goal",
    ]  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize("program", ["compiled", "in Python"])
def test_both_load_clients_answer_alike(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.benchmarks import load_client
    from tests.real_parts.waiting import until

    if program == "in Python":
        monkeypatch.setattr(load_client.shutil, "which", lambda name: None)
    client = load_client.LoadClient(tmp_path)
    path = tmp_path / "echo"
    echo = [sys.executable, ROOT / "tests/benchmarks/echo_server.py", path]
    with subprocess.Popen(echo) as server:
        until(path.exists, "echo server")
        for mode in ("kept", "new"):
            sizes = {"clients": 2, "requests": 30}
            line = '{"id":1}\n'
            load = client.run(mode, str(path), first=line, second=line, **sizes)
            assert 0 < load.p50 <= load.p99 <= load.longest < 5
            assert load.per_second > 10
        server.terminate()

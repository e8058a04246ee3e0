"""Detached services: found again, stopped with their children, and never mistaken for another's process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ciq.errors import CiqError
from ciq_demo import processes

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('up', flush=True); time.sleep(600)",
]


def _wait_for_log(home: Path, text: str) -> None:
    processes.wait_until(home, ["it"], lambda: text in processes.log_end(home, "it"), timeout_s=60)


def test_a_service_is_found_again_and_stopped(tmp_path: Path) -> None:
    started = processes.launch(tmp_path, "it", SLEEPER, variables={})
    found = processes.running(tmp_path, "it")
    assert found == started
    assert processes.stop(tmp_path, "it")
    assert processes.running(tmp_path, "it") is None
    assert not processes.stop(tmp_path, "it")


def test_children_end_with_their_service(tmp_path: Path) -> None:
    service = processes.launch(tmp_path, "it", PARENT, variables={})
    _wait_for_log(tmp_path, "up")
    children = service.children(recursive=True)
    assert children
    processes.stop(tmp_path, "it")
    _, alive = psutil.wait_procs(children, timeout=30)
    assert [child for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def test_a_service_outlives_its_starter(tmp_path: Path) -> None:
    launch = f"launch(pathlib.Path({str(tmp_path)!r}), 'it', {SLEEPER!r}, variables={{}})"
    code = f"import pathlib; from ciq_demo.processes import launch; {launch}"
    subprocess.run([sys.executable, "-c", code], check=True)
    time.sleep(0.2)
    assert processes.running(tmp_path, "it") is not None
    processes.stop(tmp_path, "it")


def test_a_reused_pid_is_left_alone(tmp_path: Path) -> None:
    bystander = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL)
    try:
        (tmp_path / "run").mkdir()
        long_ago = psutil.Process(bystander.pid).create_time() - 1000
        (tmp_path / "run" / "it.json").write_text(json.dumps({"pid": bystander.pid, "started": long_ago}))
        assert processes.running(tmp_path, "it") is None
        assert not processes.stop(tmp_path, "it")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_service_that_ends_while_starting_says_why(tmp_path: Path) -> None:
    processes.launch(tmp_path, "it", [sys.executable, "-c", "raise SystemExit('the port is taken')"], variables={})
    with pytest.raises(CiqError, match="ended while starting") as caught:
        processes.wait_until(tmp_path, ["it"], lambda: False, timeout_s=60)
    assert "the port is taken" in str(caught.value)
    assert str(processes.log_file(tmp_path, "it")) in str(caught.value)


def test_variables_reach_the_service_and_nothing_of_ours_is_lost(tmp_path: Path) -> None:
    code = "import os; print(os.environ['CIQ_X'], os.environ['PATH'], flush=True)"
    processes.launch(
        tmp_path, "it", [sys.executable, "-c", code + "; import time; time.sleep(600)"], variables={"CIQ_X": "42"}
    )
    _wait_for_log(tmp_path, "42")
    assert os.environ["PATH"] in processes.log_end(tmp_path, "it")
    processes.stop(tmp_path, "it")

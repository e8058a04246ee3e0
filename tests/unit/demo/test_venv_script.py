"""`scripts/venv.sh`: one clear line for a Python that does not fit, and no work when nothing changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ciq.settings import PROJECT_ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with two empty locks and nothing else."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(PROJECT_ROOT / "scripts" / "venv.sh", tmp_path / "scripts")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    return tmp_path


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def _run(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [str(checkout / "scripts" / "venv.sh"), "requirements.lock"]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_an_older_python_is_refused_in_one_line(checkout: Path) -> None:
    old = _program(checkout / "old", 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    done = _run(checkout, PYTHON=str(old))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11, 3.12 or 3.13 (found: Python 3.9.2)" in done.stderr


def test_a_python_that_fits_is_found_behind_one_that_does_not(checkout: Path) -> None:
    programs = checkout / "bin"
    programs.mkdir()
    _program(programs / "python3", "exit 1")
    made = checkout / "made-by"
    _program(
        programs / "python3.12",
        f'case "$1" in -m) echo 3.12 > {made}; exit 1;; --version) echo Python 3.12.4;; *) exit 0;; esac',
    )
    for tool in ("sh", "cat", "cksum", "dirname", "pwd", "head", "flock"):
        found = shutil.which(tool)
        if found:
            (programs / tool).symlink_to(found)
    done = _run(checkout, PATH=str(programs))
    assert made.read_text() == "3.12\n"
    assert "could not make .venv" in done.stderr


def test_nothing_is_done_when_nothing_changed(checkout: Path) -> None:
    environment = checkout / ".venv"
    (environment / "bin").mkdir(parents=True)
    _program(environment / "bin" / "python", 'case "$3" in install) echo installed >> "$0.calls";; esac')
    (environment / ".place").write_text(f"{checkout.resolve()}\n")
    without_uv = {"PATH": "/usr/bin:/bin"}
    assert _run(checkout, **without_uv).returncode == 0
    calls = environment / "bin" / "python.calls"
    assert calls.read_text().count("installed") == 2  # the lock, and the project itself
    assert _run(checkout, **without_uv).returncode == 0
    assert calls.read_text().count("installed") == 2
    (checkout / "requirements.lock").write_text("# changed\n")
    assert _run(checkout, **without_uv).returncode == 0
    assert calls.read_text().count("installed") == 3

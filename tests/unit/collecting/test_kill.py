"""Law 2 for what arrives: a collect killed at any step and run again leaves what one clean run leaves."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from ciq.collecting import collect as collecting
from ciq.collecting.fetch import Fetcher
from ciq.landing.store import LandingStore

STEPS = {
    "before a file is staged": (LandingStore, "stage"),
    "between staging and landing": (LandingStore, "commit"),
    "between two contents of one commit": (LandingStore, "_place"),
    "between landing and the ledger": (Fetcher, "_record"),
    "between the ledger and registration": (collecting, "register"),
}


def kill_at(owner: Any, name: str, call: int) -> None:
    """Have this process killed by the operating system at the given call."""
    original: Callable[..., Any] = getattr(owner, name)
    calls = iter(range(1, 1_000_000))

    def dying(*arguments: Any, **named: Any) -> Any:
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    setattr(owner, name, dying)


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_collect_is_completed_by_the_next(sender: Any, step: str, call: int) -> None:
    for seq in (1, 2):
        sender.put_pair(sender.stem(seq), f"{step} {call} {seq}\n".encode())
    child = os.fork()
    if child == 0:
        kill_at(*STEPS[step], call)
        sender.collect()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL

    sender.collect()
    assert [row[0] for row in sender.deliveries()] == ["paired", "paired"]
    assert sender.collect().registered == []
    assert list(LandingStore(sender.settings.landing_root).check()) == []

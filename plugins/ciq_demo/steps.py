"""What the demo is doing, on the terminal, and how long each step took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from ciq_demo.airflow_api import RunState

_WORTH_A_LINE = frozenset({"success", "failed", "skipped", "upstream_failed", "up_for_retry"})
_COLOURS = {"success": "green", "failed": "red", "running": "cyan", "up_for_retry": "yellow", "skipped": "dim"}


@dataclass
class Steps:
    """Prints each step as it begins and ends; remembers the seconds, in the order of the steps."""

    console: Console
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step: a spinner on a terminal, one line when it is done."""
        begun = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(title):
                yield
        else:
            yield
        self.done(title, time.monotonic() - begun)

    def done(self, title: str, seconds: float) -> None:
        """Note a step that was timed elsewhere."""
        self.seconds[title] = seconds
        self.console.print(f"[green]✓[/] {title}  [dim]{seconds:.1f} s[/]")

    def show_run(self, title: str, states: Iterator[RunState]) -> RunState:
        """Follow a DAG run to its last state: a live table of its tasks on a terminal, else one line per change."""
        begun = time.monotonic()
        last = self._live(title, states) if self.console.is_terminal else self._plain(title, states)
        seconds = time.monotonic() - begun
        if last.state == "success":
            self.done(title, seconds)
        return last

    def _live(self, title: str, states: Iterator[RunState]) -> RunState:
        last = None
        with Live(console=self.console, transient=True, refresh_per_second=8) as live:
            for last in states:
                live.update(_run_table(title, last))
        assert last is not None
        self.console.print(_run_table(title, last))
        return last

    def _plain(self, title: str, states: Iterator[RunState]) -> RunState:
        self.console.print(f"… {title}")
        shown: set[tuple[str, int, str, int]] = set()
        last = None
        for last in states:
            for task in last.tasks:
                event = (task.task_id, task.map_index, task.state, task.try_number)
                if task.state in _WORTH_A_LINE and event not in shown:
                    shown.add(event)
                    took = "" if task.seconds is None else f" {task.seconds:.1f} s"
                    self.console.print(f"    {task.name}: {task.state}{took}", markup=False)
        assert last is not None
        return last


def _run_table(title: str, run: RunState) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 2))
    for task in run.tasks:
        colour = _COLOURS.get(task.state, "dim")
        mark = Spinner("dots", style=colour) if task.state == "running" else f"[{colour}]●[/]"
        took = "" if task.seconds is None else f"{task.seconds:.1f} s"
        retried = f" (try {task.try_number})" if task.try_number > 1 else ""
        table.add_row(mark, task.name.replace("[", "\\["), f"[{colour}]{task.state}{retried}[/]", took)
    if not run.tasks:
        table.add_row(Spinner("dots"), "", f"[dim]{run.state}[/]", "")
    return table

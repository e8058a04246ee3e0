"""Every DAG file: it parses, it is a table of contents, and the plugins folder does no harm."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted((PROJECT / "dags").glob("*.py"))
HEAVY = ("great_expectations", "dbt", "pandas", "paramiko", "plotly")


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(str(PROJECT / "dags"))


def test_all_files_are_read_without_an_error(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert {path.stem for path in FILES} <= set(bag.dags)
    assert "ingest" in bag.dags


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dag_file_is_a_table_of_contents(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    tree = ast.parse(text)
    imported = {
        name.split(".")[0] if not name.startswith("airflow") else ".".join(name.split(".")[:2])
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= {"datetime", "airflow.sdk", "airflow.providers", "ciq_airflow"}
    assert not re.search(r"\.now\(|\.today\(|\.utcnow\(|open\(|Variable|Connection", text)


def test_every_dag_says_what_it_does_in_both_languages(bag: DagBag) -> None:
    for dag in bag.dags.values():
        assert re.search(r"[\u4e00-\u9fff]", dag.doc_md or "")
        assert "English" in (dag.doc_md or "")
        assert dag.catchup is False
        for task in dag.tasks:
            assert task.execution_timeout is not None, task.task_id
            assert task.retries == 2, task.task_id


def test_parsing_loads_nothing_heavy() -> None:
    program = (
        "import sys; from airflow.dag_processing.dagbag import DagBag; "
        f"bag = DagBag({str(PROJECT / 'dags')!r}); assert bag.dags; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_plugins_folder_holds_one_plugin_and_no_module_of_another_name() -> None:
    """Airflow runs each file that is not ignored as a module of its bare name: io.py would replace the standard io."""
    program = (
        "import sys; before = dict(sys.modules); "
        "from airflow._shared.module_loading import find_path_from_directory; "
        "from pathlib import Path; "
        f"print([Path(p).name for p in find_path_from_directory({str(PROJECT / 'plugins')!r}, '.airflowignore', 'glob')"
        " if p.endswith('.py')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    found = ast.literal_eval(done.stdout.splitlines()[-1])
    assert found in ([], ["ciq_plugin.py"])

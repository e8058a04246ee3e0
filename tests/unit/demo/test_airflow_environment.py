"""Airflow's variables are options that this Airflow has, and only our one plugin file is run as a plugin."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from ciq.settings import PROJECT_ROOT
from ciq_demo.airflow_environment import AirflowSecrets, SftpAddress, airflow_environment


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    return airflow_environment(
        project=PROJECT_ROOT,
        airflow_home=tmp_path / "airflow",
        ciq_home=tmp_path,
        metadata_url="postgresql://airflow:secret@127.0.0.1:5/airflow",
        api_port=8081,
        secrets=AirflowSecrets(jwt="j", fernet="f", session="s"),
        exchange=SftpAddress(host="127.0.0.1", port=22, login="ciq", password="p'w", host_key="ssh-ed25519 AAAA"),
        passwords_file=tmp_path / "logins.json",
    )


def test_every_option_is_known_to_this_airflow(variables: dict[str, str]) -> None:
    known = yaml.safe_load(files("airflow.config_templates").joinpath("config.yml").read_text())
    ours = [name.removeprefix("AIRFLOW__").lower().split("__") for name in variables if name.startswith("AIRFLOW__")]
    assert len(ours) > 20
    assert [
        (section, option) for section, option in ours if option not in known.get(section, {}).get("options", {})
    ] == []


def test_components_find_each_other_on_the_port_that_was_free(variables: dict[str, str]) -> None:
    assert variables["AIRFLOW__API__PORT"] == "8081"
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8081/execution/"


def test_the_exchange_is_a_connection_that_insists_on_its_host_key(variables: dict[str, str]) -> None:
    connection = json.loads(variables["AIRFLOW_CONN_CIQ_EXCHANGE"])
    assert connection["password"] == "p'w"
    assert connection["extra"] == {"host_key": "ssh-ed25519 AAAA"}


def test_only_one_file_is_run_as_a_plugin() -> None:
    from airflow._shared.module_loading import find_path_from_directory

    run = list(find_path_from_directory(PROJECT_ROOT / "plugins", ".airflowignore", "glob"))
    assert [Path(path).relative_to(PROJECT_ROOT / "plugins") for path in run] == [Path("ciq_airflow/ciq_plugin.py")]

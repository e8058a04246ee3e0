"""docker-compose.yml starts what the code has, with the demo's settings, and holds no secret.

There is no Docker here: `make lint` checks the file against the format's schema, this file checks it against the code.
"""

from __future__ import annotations

import base64
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from ciq.cli.app import app
from ciq.settings import PROJECT_ROOT, Settings
from ciq_demo import sftp
from ciq_demo.airflow_environment import shared_variables
from ciq_demo.airflow_services import COMPONENTS
from ciq_demo.postgres_settings import initdb_options, server_settings
from support import compose
from support.compose import Service

DOCS = PROJECT_ROOT / "docs" / "production.md"
SECRETS = {
    *("POSTGRES_PASSWORD", "WAREHOUSE_PASSWORD", "AIRFLOW_DATABASE_PASSWORD", "REDIS_PASSWORD"),
    *("AIRFLOW_JWT_SECRET", "AIRFLOW_SESSION_SECRET", "AIRFLOW_FERNET_KEY", "AIRFLOW_ADMIN_PASSWORD"),
}
ENV = {**{name: f"{name.lower()}-value" for name in SECRETS}, "CIQ_FIRST_DAY": "2010-06-08"}
SERVICES = compose.services(ENV)
OURS = [service for service in SERVICES.values() if service.is_ours]
AIRFLOW = [service for service in OURS if service.name.startswith("airflow-")]

by_name = pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)


def test_the_services_are_those_of_the_design() -> None:
    running = {name for name, service in SERVICES.items() if not service.runs_once}
    components = {"airflow-triggerer", "airflow-worker", *COMPONENTS}
    assert running == {"postgres", "redis", "sftp", *components}
    assert {name for name, service in SERVICES.items() if service.runs_once} == {
        "databases",
        "ciq-init",
        "airflow-init",
    }


@pytest.mark.parametrize("component", COMPONENTS)
def test_airflows_components_start_as_in_the_demo(component: str) -> None:
    assert SERVICES[component].commands == [["airflow", *COMPONENTS[component]]]


def _resolved(words: list[str]) -> str | None:
    """What is wrong with a command line of our image; None when the code has all of it."""
    program, *rest = words
    if program == "python":
        assert rest[0] == "-m"
        if importlib.util.find_spec(rest[1]) is None:
            return f"no module {rest[1]}"
        return _unknown(typer.main.get_command(sftp.app), rest[2:]) if rest[1] == "ciq_demo.sftp" else None
    if program == "ciq":
        return _unknown(typer.main.get_command(app), rest)
    from airflow.cli.cli_parser import get_parser

    try:
        get_parser().parse_args([re.sub(r'"?\$\w+.*', "x", word) for word in rest])
    except SystemExit:
        return f"airflow does not understand {rest}"
    return None if program == "airflow" else f"no program {program}"


def _unknown(command: object, words: list[str]) -> str | None:
    assert isinstance(command, typer.core.TyperGroup)
    chosen = command.commands.get(words[0])
    if chosen is None:
        return f"no command {words[0]}"
    options = {option for parameter in chosen.params for option in parameter.opts}
    unknown = [word for word in words[1:] if word.startswith("--") and word not in options]
    return f"no option {unknown}" if unknown else None


@pytest.mark.parametrize("service", OURS, ids=lambda service: service.name)
def test_every_command_is_one_that_the_code_has(service: Service) -> None:
    assert service.commands
    assert {" ".join(words): _resolved(words) for words in service.commands if _resolved(words)} == {}


def test_a_command_that_the_code_lacks_is_noticed() -> None:
    assert _resolved(["ciq", "start"]) == "no command start"
    assert _resolved(["python", "-m", "ciq_demo.sftpd"]) == "no module ciq_demo.sftpd"
    assert _resolved(["python", "-m", "ciq_demo.sftp", "serve", "--public"]) == "no option ['--public']"
    assert _resolved(["airflow", "webserver"]) == "airflow does not understand ['webserver']"


@pytest.mark.parametrize("service", OURS, ids=lambda service: service.name)
def test_every_variable_is_one_that_settings_or_airflow_know(service: Service) -> None:
    from airflow.configuration import conf

    known = conf.configuration_description
    for name in service.environment:
        if name.startswith("CIQ_"):
            assert name.removeprefix("CIQ_").lower() in Settings.model_fields, name
        elif name.startswith("AIRFLOW__"):
            section, option = name.removeprefix("AIRFLOW__").lower().split("__")
            assert option in known[section]["options"], name
        else:
            assert name in {"DO_NOT_TRACK", "PGHOST", "PGUSER", "PGPASSWORD", "ADMIN_PASSWORD"}, name


def test_all_parts_of_airflow_run_under_the_settings_of_the_demo() -> None:
    """One file is the source of both; nothing in the compose file overrides it, and no part differs from another."""
    own = {"ADMIN_PASSWORD"}
    first, *others = [{k: v for k, v in service.environment.items() if k not in own} for service in AIRFLOW]
    assert len(others) == 5
    assert all(other == first for other in others)
    assert shared_variables().items() <= first.items()
    assert len(shared_variables()) > 10
    assert not shared_variables().keys() & compose.raw()["x-ciq"]["environment"].keys()


def test_airflow_takes_celery_and_fab_from_this_environment(tmp_path: Path) -> None:
    script = (
        "from airflow.api_fastapi.app import get_auth_manager_cls;"
        "from airflow.executors.executor_loader import ExecutorLoader as loader;"
        "print(get_auth_manager_cls().__name__, loader.import_default_executor_cls()[0].__name__)"
    )
    environment = {**SERVICES["airflow-scheduler"].environment, "AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"] = str(tmp_path / "logs")
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-2:] == ["FabAuthManager", "CeleryExecutor"]


def test_the_worker_answers_to_the_name_that_its_health_check_asks() -> None:
    words = SERVICES["airflow-worker"].fields["healthcheck"]["test"][1].split()
    module, attribute = words[words.index("--app") + 1].rsplit(".", 1)
    assert hasattr(importlib.import_module(module), attribute)


def test_postgresql_is_set_up_as_the_demos(tmp_path: Path) -> None:
    database = SERVICES["postgres"]
    assert tuple(database.fields["environment"]["POSTGRES_INITDB_ARGS"].split()) == initdb_options(18)
    given = dict(word.removeprefix("-c").split("=", 1) for word in database.fields["command"][1:])
    demo = server_settings(socket_dir=tmp_path, throwaway=False)
    by_machine = {"shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem"}
    assert {name: value for name, value in given.items() if name not in by_machine} == {
        name: demo[name] for name in given.keys() - by_machine
    }
    assert demo.keys() - given.keys() <= {
        *("listen_addresses", "unix_socket_directories", "unix_socket_permissions", "dynamic_shared_memory_type"),
        *("max_parallel_workers", "max_parallel_workers_per_gather"),
        *("log_line_prefix", "log_checkpoints", "log_autovacuum_min_duration"),
    }


@by_name
def test_what_stays_up_is_watched_and_what_it_needs_comes_first(service: Service) -> None:
    assert service.runs_once or {"test", "interval", "timeout", "retries"} <= service.fields["healthcheck"].keys()
    for needed, how in service.fields.get("depends_on", {}).items():
        once = SERVICES[needed].runs_once
        assert how["condition"] == ("service_completed_successfully" if once else "service_healthy"), needed


def test_nothing_of_airflow_starts_before_both_databases_are_ready() -> None:
    def before(name: str) -> Iterator[str]:
        for needed in SERVICES[name].fields.get("depends_on", {}):
            yield needed
            yield from before(needed)

    for service in AIRFLOW:
        if not service.runs_once:
            assert {"postgres", "databases", "ciq-init", "airflow-init", "sftp"} <= set(before(service.name))


@by_name
def test_images_are_pinned_and_ours_runs_as_nobody_special(service: Service) -> None:
    assert re.fullmatch(r"[a-z-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", service.fields["image"])
    assert "user" not in service.fields
    assert "privileged" not in service.fields
    lines = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert bases
    assert all(re.fullmatch(r"python:3\.12\.\d+-slim-bookworm", base) for base in bases)
    assert [line for line in lines if line.startswith("USER ")] == ["USER ciq"]


@by_name
def test_volumes_are_named_and_declared(service: Service) -> None:
    declared = compose.raw()["volumes"]
    assert service.fields.get("volumes")
    assert {volume.split(":")[0] for volume in service.fields["volumes"]} <= declared.keys()


def test_the_image_is_installed_as_the_demo_from_hashes() -> None:
    text = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "RUN scripts/venv.sh requirements.lock requirements-production.lock\n" in text
    base, production = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (PROJECT_ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-production.lock")
    )
    assert {"celery", "redis", "flask-appbuilder"} <= production.keys() - base.keys()
    assert {name for name in base.keys() & production.keys() if base[name] != production[name]} == set()


def test_each_secret_comes_from_outside_and_is_required() -> None:
    used = list(compose.variables(compose.raw()))
    assert {name for name, kind in used if kind == "?"} == SECRETS | {"CIQ_FIRST_DAY"}
    assert {kind for name, kind in used if name in SECRETS} == {"?"}
    for name in SECRETS:
        with pytest.raises(compose.MissingError, match=name):
            compose.services({**ENV, name: ""})
    secret_like = re.compile(r"password|secret|_key|passwd|token", re.IGNORECASE)
    for service in compose.raw()["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not secret_like.search(name) or str(value).startswith("${"), name


@by_name
def test_no_secret_stands_in_a_command(service: Service) -> None:
    """Whoever may list processes sees these words."""
    words = " ".join([*service.fields.get("command", []), *service.fields.get("healthcheck", {}).get("test", [])])
    assert [name for name in SECRETS if ENV[name] in words] == []


@pytest.mark.parametrize("imported", ["exit 0", "exit 1", 'kill -TERM "$PPID"; sleep 1'], ids=["yes", "no", "stopped"])
def test_the_file_of_connections_goes_with_the_script(tmp_path: Path, imported: str) -> None:
    """The script is the real one; its programs are stand-ins that note whether others could read the file."""
    seen = f'[ "$1" = connections ] || exit 0; stat -c %a "$3" > {tmp_path}/mode; {imported}'
    for program, body in (("airflow", seen), ("python", "echo secret")):
        (tmp_path / program).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (tmp_path / program).chmod(0o755)
    environment = {"HOME": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin", "ADMIN_PASSWORD": "x"}
    done = subprocess.run(SERVICES["airflow-init"].fields["command"], env=environment, check=False, timeout=60)
    assert (done.returncode == 0) == (imported == "exit 0")
    assert (tmp_path / "mode").read_text() == "600\n"
    assert not (tmp_path / "connections.json").exists()


def test_the_example_names_every_variable_and_no_value_of_a_secret() -> None:
    text = compose.EXAMPLE.read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE))
    assert named == {name for name, _ in compose.variables(compose.raw())}
    assert {name for name, value in compose.read_env(compose.EXAMPLE).items() if value} == set()
    defaults = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", text, re.MULTILINE))
    raw = compose.FILE.read_text(encoding="utf-8")
    assert [name for name, value in defaults.items() if f"${{{name}:-{value}}}" not in raw] == []


def _shell_blocks() -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_secrets_are_made_as_shown(tmp_path: Path) -> None:
    """The first shell block of docs/production.md fills the example in, and the compose file takes it."""
    (tmp_path / ".env.example").write_bytes(compose.EXAMPLE.read_bytes())
    script = next(block for block in _shell_blocks() if ".env.example" in block)
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, check=True, timeout=60)
    made = compose.read_env(tmp_path / ".env")
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert len({made[name] for name in SECRETS}) == len(SECRETS)
    assert all(re.fullmatch(r"[0-9a-f]{48}", made[name]) for name in SECRETS - {"AIRFLOW_FERNET_KEY"})
    assert len(base64.urlsafe_b64decode(made["AIRFLOW_FERNET_KEY"])) == 32
    assert compose.services({**made, "CIQ_FIRST_DAY": "2010-06-08"}).keys() == SERVICES.keys()


def test_the_services_that_the_page_names_exist() -> None:
    shown = {
        service
        for line in "".join(_shell_blocks()).splitlines()
        if (found := re.match(r"docker compose (?:exec|run|logs|restart)((?: --?[\w=-]+)*) ([a-z-]+)", line))
        for service in [found[2]]
    }
    assert shown
    assert shown <= SERVICES.keys()

"""A branch that serves its folder over HTTPS: from the outbox to the ledger, and the receipt back."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ciq.collecting.branches import configured_endpoints
from ciq.collecting.collect import BranchReport, collect
from ciq.collecting.receipts import write_due_receipts
from ciq.database import connect
from ciq.landing.store import LandingStore
from ciq.settings import Settings
from ciq.transports.base import BranchEndpoint
from ciq_demo import https_server
from ciq_demo.branches import delivering_branches
from ciq_demo.state import update_env
from support.web import Fault, Web, serving

BRANCH = "320100"


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[https_server.HttpsExchange]:
    home = tmp_path_factory.mktemp("exchange")
    yield https_server.start(home, delivering_branches(Settings()))
    https_server.stop(home)


@pytest.fixture
def sender(make_sender: Callable[[], Any]) -> Any:
    return make_sender()


@pytest.fixture
def web(sender: Any, tmp_path: Path) -> Iterator[Web]:
    """A server that shows the sender's folder, and misbehaves when it is told to."""
    with serving(Path(sender.endpoint.root), tmp_path / "certificates") as running:
        yield running


def collected(sender: Any, web: Web) -> BranchReport:
    branch = BranchEndpoint(org_code=BRANCH, endpoint=web.endpoint(name=sender.endpoint.name))
    (report,) = collect(sender.settings, [branch], run_ref="https").branches
    return report


def test_a_delivery_comes_over_https_and_its_receipt_goes_back(
    warehouse: Settings, make_sender: Callable[[], Any], exchange: https_server.HttpsExchange
) -> None:
    settings = warehouse.model_copy(update={"endpoints": {"branch_web": exchange.url}})
    endpoints = configured_endpoints(settings)
    on_disk = dataclasses.replace(endpoints["branch_web"], root=str(exchange.root))
    sender = dataclasses.replace(make_sender(), endpoint=on_disk)
    stem, content = sender.stem(), os.urandom(3_000_000)
    sender.put_pair(stem, content)
    sender.put(sender.stem(2).data_name(), b"without a manifest\n")
    branch = BranchEndpoint(org_code=BRANCH, endpoint=endpoints["branch_web"])

    report = collect(settings, [branch], run_ref="https")
    assert [one.error for one in report.branches] == [None]
    assert sorted(one.delivery.pairing for one in report.registered) == ["data_only", "paired"]
    (sha256,) = (one.delivery.data.sha256 for one in report.registered if one.delivery.pairing == "paired")
    with LandingStore(settings.landing_root).open(sha256) as stream:
        assert stream.read() == content
    assert collect(settings, [branch], run_ref="https again").fetched == 0

    assert write_due_receipts(settings, endpoints) == []
    inbox = exchange.root / BRANCH / "inbox"
    receipt = json.loads((inbox / f"{sender.stem(2)}.receipt.json").read_text(encoding="utf-8"))
    assert [entry["state"] for entry in receipt["deliveries"]] == ["data_only"]


def test_the_token_of_a_branch_opens_its_own_folder_only(
    warehouse: Settings, exchange: https_server.HttpsExchange
) -> None:
    endpoint = configured_endpoints(warehouse.model_copy(update={"endpoints": {"web": exchange.url}}))["web"]
    own = dataclasses.replace(endpoint, token_file=exchange.token_file("320200"))
    branches = [BranchEndpoint(org_code=org, endpoint=own) for org in (BRANCH, "320200")]
    report = collect(warehouse, branches, run_ref="https")
    (failed,) = report.failed
    assert failed.org_code == BRANCH
    assert "403 Forbidden" in str(failed.error)
    assert exchange.token_file().read_text().strip() not in str(failed.error)
    assert exchange.token_file().stat().st_mode & 0o777 == 0o600


def test_the_command_collects_over_https_and_never_shows_the_token(
    warehouse: Settings,
    exchange: https_server.HttpsExchange,
    ciq: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    (exchange.root / "320200" / "outbox" / "F01_320200_20100608_01.csv").write_bytes(b"by command\n")
    update_env(warehouse.home, {"CIQ_ENDPOINTS": json.dumps({"ciq_exchange": exchange.url})})
    done = ciq("--verbose", "collect")
    assert done.returncode == 0, done.stderr
    with connect(warehouse, "auditor") as connection:
        found = "select org_code from audit.delivery where endpoint = 'ciq_exchange' and data_name like 'F01_320200%'"
        assert connection.execute(found).fetchall() == [("320200",)]

    token = exchange.token_file().read_text()
    try:
        exchange.token_file().write_text("ciq.expired-token\n")
        refused = ciq("--verbose", "collect")
    finally:
        exchange.token_file().write_text(token)
    assert refused.returncode == 1
    shown = done.stdout + done.stderr + refused.stdout + refused.stderr
    assert "401 Unauthorized" in shown
    assert [secret for secret in (token.strip(), "expired-token") if secret in shown] == []


def test_a_damaged_file_stops_no_other_and_is_taken_when_it_is_whole(sender: Any, web: Web) -> None:
    damaged, whole = sender.stem(1).data_name(), sender.stem(2).data_name()
    sender.put(damaged, b"what the server has\n")
    sender.put(whole, b"whole\n")
    wrong = base64.b64encode(hashlib.sha256(b"what it promises").digest()).decode()
    web.fail(Fault(), Fault(headers={"Repr-Digest": f"sha-256=:{wrong}:"}))
    first = collected(sender, web)
    assert damaged in str(first.error)
    assert "SHA-256" in str(first.error)
    assert [one.delivery.data.name for one in first.registered] == [whole]
    second = collected(sender, web)
    assert (second.error, [one.delivery.data.name for one in second.registered]) == (None, [damaged])


def test_a_file_that_is_replaced_while_it_is_read_waits_for_the_next_collect(sender: Any, web: Web) -> None:
    name = sender.stem().data_name()
    sender.put(name, b"the first version\n")
    web.fail(Fault(), Fault(cut_after=9), Fault(first=lambda: sender.put(name, b"the other version\n")))
    first = collected(sender, web)
    assert (first.error, first.growing, first.registered) == (None, [name], [])
    (one,) = collected(sender, web).registered
    assert one.delivery.data.sha256 == hashlib.sha256(b"the other version\n").hexdigest()


def test_a_line_that_breaks_is_resumed_within_one_collect(sender: Any, web: Web) -> None:
    content = os.urandom(200_000)
    sender.put(sender.stem().data_name(), content)
    web.fail(Fault(), Fault(cut_after=150_000))
    report = collected(sender, web)
    assert (report.error, report.fetched_bytes) == (None, 200_000)
    assert report.registered[0].delivery.data.sha256 == hashlib.sha256(content).hexdigest()
    assert [headers["range"] for _, _, headers in web.asked if "range" in headers] == ["bytes=150000-"]

"""Files that make up no delivery are listed until they are settled, and then say how."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from ciq.collecting.receipts import write_due_receipts
from ciq.database import connect
from ciq.errors import CiqError
from ciq.quality.decisions import Signature
from ciq.reports.holds import HoldLine, dismiss_file, read_holds, read_unpaired, refuse_files, unpaired_summary

WHO = Signature(by="Wang Li", reason="The branch sent it by mistake")


def of(lines: list[HoldLine], *ids: int) -> list[HoldLine]:
    return [line for line in lines if line.delivery_id in ids]


def test_a_file_is_listed_until_a_pair_takes_it_up(sender: Any, ledger: psycopg.Connection) -> None:
    stem, content = sender.stem(day=date(2010, 8, 2)), b"first\n"
    sender.put(stem.data_name(), content)
    (lone,) = sender.collect().registered
    (line,) = of(read_holds(ledger), lone.delivery_id)
    assert (line.pairing, line.rule_id, line.org_code, line.data_name) == (
        "data_only",
        "D-unpaired",
        "320100",
        stem.data_name(),
    )
    assert stem.manifest_name in line.message_en

    sender.put(stem.manifest_name, sender.manifest(stem, content))
    (pair,) = sender.collect().registered
    assert of(read_holds(ledger), lone.delivery_id) == []
    (line,) = of(read_holds(ledger, settled=True), lone.delivery_id)
    assert line.settled_en == f"paired: part of delivery {pair.delivery_id}"


def test_a_draft_is_replaced_by_the_pair_that_comes_after_it(sender: Any, ledger: psycopg.Connection) -> None:
    stem = sender.stem(day=date(2010, 8, 3))
    sender.put(stem.data_name(), b"draft\n")
    (draft,) = sender.collect().registered
    sender.put_pair(stem, b"final\n")
    (pair,) = sender.collect().registered
    (file,) = read_unpaired(ledger, settled=True, delivery_ids=[draft.delivery_id])
    assert (file.settled_how, file.settled_by) == ("replaced", pair.delivery_id)


def test_what_comes_under_the_name_of_a_delivery_says_that_the_other_stands(
    sender: Any, ledger: psycopg.Connection
) -> None:
    stem = sender.stem(day=date(2010, 8, 4))
    sender.put_pair(stem, b"whole\n")
    sender.collect()
    sender.put(stem.data_name(), b"changed\n")
    (lone,) = sender.collect().registered
    (line,) = of(read_holds(ledger), lone.delivery_id)
    assert "the delivery of before under this name stands" in line.message_en
    sender.put(stem.data_name(), b"changed once more\n")
    (other,) = sender.collect().registered
    assert len(of(read_holds(ledger), lone.delivery_id, other.delivery_id)) == 2


def test_nil_files_are_alike_and_settle_nothing_of_another_name(sender: Any, ledger: psycopg.Connection) -> None:
    sender.put("F01-320100-nil.csv", b"header\n")
    (unreadable,) = sender.collect().registered
    sender.put_pair(sender.stem(day=date(2010, 8, 5)), b"header\n", row_count=0)
    sender.collect()
    assert len(of(read_holds(ledger), unreadable.delivery_id)) == 1


def test_a_named_person_takes_a_file_off_the_list(sender: Any, ledger: psycopg.Connection) -> None:
    endpoints = {sender.endpoint.name: sender.endpoint}
    sender.put("not ours.txt", sender.endpoint.name.encode())
    (file,) = sender.collect().registered
    write_due_receipts(sender.settings, endpoints)
    number = file.delivery_id
    assert "unreadable name" in unpaired_summary(read_unpaired(ledger))
    with connect(sender.settings, "engineer") as connection, pytest.raises(CiqError, match="makes up no delivery"):
        refuse_files(connection, number)
    assert dismiss_file(sender.settings, number, WHO)
    assert of(read_holds(ledger), number) == []
    assert of(read_holds(ledger, settled=True), number)[0].settled_en == "dismissed by Wang Li"
    with pytest.raises(CiqError, match="settled before"):
        dismiss_file(sender.settings, number, WHO)
    write_due_receipts(sender.settings, endpoints)
    (path,) = sender.outbox.parent.glob("inbox/not_ours_txt*")
    assert '"state": "dismissed"' in path.read_text(encoding="utf-8")


def test_a_delivery_is_no_file_to_dismiss(sender: Any, ledger: psycopg.Connection) -> None:
    sender.put_pair(sender.stem(day=date(2010, 8, 6)), b"a pair\n")
    (pair,) = sender.collect().registered
    assert not dismiss_file(sender.settings, pair.delivery_id, WHO)
    with connect(sender.settings, "engineer") as connection:
        refuse_files(connection, pair.delivery_id)

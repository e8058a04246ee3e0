"""HTTPS against a real server over TLS, that breaks off, changes its mind and lies when it is told to."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ciq.errors import TransportError
from ciq.transports import https
from ciq.transports.base import CHUNK_BYTES, FileChangedError, FileDamagedError
from ciq.transports.https import HttpsTransport
from support.web import CONTENT, NO_PAUSES, OUTBOX, Fault, Web, put


def read_into(got: bytearray, transport: HttpsTransport, path: str) -> None:
    """What came before the reading failed stays in `got`."""
    for chunk in transport.read(path):
        got += chunk


def ranges(web: Web) -> list[str]:
    return [headers.get("range", "") for method, _, headers in web.asked if method == "GET"]


def test_files_are_listed_looked_at_and_read_from_any_offset(web: Web, transport: HttpsTransport) -> None:
    path = put(web)
    file = next(file for file in transport.list_files(OUTBOX).files if file.path == path)
    assert (file.size, file.modified_at) == (len(CONTENT), datetime(2010, 6, 8, 11, 26, 40, tzinfo=UTC))
    assert transport.stat(path) == file
    assert b"".join(transport.read(path)) == CONTENT
    assert b"".join(transport.read(path, offset=299_990)) == CONTENT[299_990:]
    assert b"".join(transport.read(path, offset=len(CONTENT))) == b""
    assert b"".join(transport.read(put(web, b"", "empty.csv"))) == b""


def test_names_are_bytes_and_folders_links_and_uploads_are_left_alone(web: Web, transport: HttpsTransport) -> None:
    folder = web.root / OUTBOX / "names"
    folder.mkdir()
    for name in ("报检单.csv".encode("gb18030"), "报检 单#?%2f.csv".encode(), b"half.csv.part"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(name)
    (folder / "link.csv").symlink_to("/etc/passwd")
    (folder / "inner").mkdir()
    listing = transport.list_files(f"{OUTBOX}/names")
    read = sorted(b"".join(transport.read(file.path)) for file in listing.files)
    assert read == sorted(["报检单.csv".encode("gb18030"), "报检 单#?%2f.csv".encode()])
    assert listing.ignored == ("half.csv.part", "inner", "link.csv")


def test_a_listing_never_leads_out_of_its_folder(web: Web, transport: HttpsTransport) -> None:
    names = ["../320200/outbox/a.csv", "..", ".", "", "/etc/passwd", "a\0b", "\ud800", "fine.csv"]
    entries = [{"name": name, "type": "file", "mtime": "Tue, 08 Jun 2010 01:00:00 GMT", "size": 1} for name in names]
    web.fail(Fault(status=200, body=json.dumps(entries).encode()))
    listing = transport.list_files(OUTBOX)
    assert [file.path for file in listing.files] == [f"{OUTBOX}/fine.csv"]
    assert len(listing.ignored) == len(names) - 1


GOOD_ENTRY = {"name": "a", "type": "file", "mtime": "Tue, 08 Jun 2010 01:00:00 GMT", "size": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"{}",
        b"[1]",
        b"[" * 100_000,
        *(json.dumps([{**GOOD_ENTRY, **odd}]).encode() for odd in ({"name": 1}, {"size": "1"}, {"size": -1})),
        *(json.dumps([{**GOOD_ENTRY, "mtime": odd}]).encode() for odd in (None, "yesterday", 5)),
    ],
)
def test_what_is_no_listing_is_said_with_what_to_set(web: Web, transport: HttpsTransport, body: bytes) -> None:
    web.fail(Fault(status=200, body=body))
    with pytest.raises(TransportError, match="autoindex_format json"):
        transport.list_files(OUTBOX)


def test_a_listing_without_end_does_not_fill_the_memory(
    web: Web, transport: HttpsTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "LARGEST_LISTING_BYTES", 100_000)
    web.fail(Fault(status=200, body=b" " * 200_000))
    with pytest.raises(TransportError, match="move old files away"):
        transport.list_files(OUTBOX)


def test_a_download_that_breaks_off_goes_on_where_it_stopped(web: Web, transport: HttpsTransport) -> None:
    path = put(web)
    web.fail(Fault(cut_after=100_000), Fault(cut_after=50_000))
    assert b"".join(transport.read(path)) == CONTENT
    assert ranges(web) == ["", "bytes=100000-", "bytes=150000-"]
    assert web.asked[1][2]["if-range"].startswith('"')


CUTS = st.lists(
    st.builds(
        Fault,
        cut_after=st.integers(0, 150_000),
        ignores_range=st.booleans(),
        headers=st.sampled_from([{}, {"etag": ""}, {"etag": "", "last-modified": ""}, {"etag": 'W/"weak"'}]),
    ),
    max_size=len(NO_PAUSES),
)


@given(cuts=CUTS, last=st.sampled_from([Fault(), Fault(ignores_range=True), Fault(status=503)]))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_breaks_the_bytes_are_the_same(served: Web, cuts: list[Fault], last: Fault) -> None:
    served.reset()
    path = put(served)
    served.fail(*cuts[:2], last, *cuts[2:])
    # As many tries as there can be faults.
    with HttpsTransport(served.endpoint(), pauses_s=(*NO_PAUSES, 0.0)) as opened:
        assert b"".join(opened.read(path)) == CONTENT


def test_a_caller_that_resumes_gets_the_same_bytes_and_the_same_check(web: Web, transport: HttpsTransport) -> None:
    path = put(web)
    web.fail(*[Fault(cut_after=1000)] * 4)
    got = bytearray()
    with pytest.raises(TransportError, match=r"a\.csv"):
        read_into(got, transport, path)
    assert len(got) == 4000
    web.fail(Fault(headers={"repr-digest": _digest(b"another")}))
    with pytest.raises(FileChangedError):
        list(transport.read(path, offset=4000))
    assert bytes(got) + b"".join(transport.read(path, offset=4000)) == CONTENT


@pytest.mark.parametrize("ignores_range", [False, True])
def test_a_file_that_is_replaced_between_two_requests_is_not_mixed(
    web: Web, transport: HttpsTransport, ignores_range: bool
) -> None:
    path = put(web)
    other = hashlib.shake_256(b"another file").digest(len(CONTENT))
    web.fail(Fault(cut_after=100_000), Fault(first=lambda: put(web, other, age_s=7200), ignores_range=ignores_range))
    with pytest.raises(FileChangedError, match=r"a\.csv.*changed"):
        list(transport.read(path))
    assert b"".join(transport.read(path)) == other


def test_without_etag_and_with_the_same_second_the_bytes_themselves_are_compared(
    web: Web, transport: HttpsTransport
) -> None:
    path = put(web)
    other = hashlib.shake_256(b"another file").digest(len(CONTENT))
    bare = {"etag": "", "repr-digest": "", "last-modified": ""}
    web.fail(Fault(cut_after=100_000, headers=bare), Fault(first=lambda: put(web, other), headers=bare))
    with pytest.raises(FileChangedError):
        list(transport.read(path))
    assert ranges(web) == ["", ""]


def test_a_file_that_shrank_below_the_offset_has_changed(web: Web, transport: HttpsTransport) -> None:
    path = put(web)
    web.fail(Fault(cut_after=100_000), Fault(first=lambda: put(web, CONTENT[:50], age_s=10)))
    with pytest.raises(FileChangedError):
        list(transport.read(path))
    with pytest.raises(FileChangedError):  # 416 Range Not Satisfiable
        list(transport.read(path, offset=51))


def _digest(content: bytes) -> str:
    return f"sha-512=:AAAA:, sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


@pytest.mark.parametrize("cut", [None, 1234])
@pytest.mark.parametrize("header", ["Repr-Digest", "Digest"])
def test_bytes_that_differ_from_the_digest_are_damaged(
    web: Web, transport: HttpsTransport, header: str, cut: int | None
) -> None:
    path = put(web)
    said = _digest(b"what it should be") if header == "Repr-Digest" else _digest(b"else").replace("=:", "=")
    wrong = Fault(headers={"repr-digest": "", header: said})
    web.fail(*([] if cut is None else [dataclasses.replace(wrong, cut_after=cut)]), wrong)
    with pytest.raises(FileDamagedError, match="SHA-256"):
        list(transport.read(path))
    assert b"".join(transport.read(path)) == CONTENT


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(web: Web, transport: HttpsTransport, status: int) -> None:
    path = put(web)
    web.fail(*[Fault(status=status, headers={"retry-after": "0"})] * 3)
    assert path in [file.path for file in transport.list_files(OUTBOX).files]
    web.fail(Fault(status=status))
    assert b"".join(transport.read(path)) == CONTENT


def test_the_tries_are_bounded_and_progress_starts_them_anew(web: Web, transport: HttpsTransport) -> None:
    web.fail(*[Fault(status=503)] * 4)
    with pytest.raises(TransportError, match="503 Service Unavailable"):
        transport.list_files(OUTBOX)
    assert len(web.asked) == 1 + len(NO_PAUSES)
    long = put(web, CONTENT * 20, "long.csv")
    web.fail(*[Fault(cut_after=CHUNK_BYTES)] * 5)
    assert b"".join(transport.read(long)) == CONTENT * 20


@pytest.mark.parametrize(("status", "asked"), [(400, 1), (403, 1), (404, 1), (501, 1)])
def test_a_clear_no_is_not_asked_again(web: Web, transport: HttpsTransport, status: int, asked: int) -> None:
    web.fail(Fault(status=status))
    with pytest.raises(TransportError, match=str(status)) as caught:
        transport.list_files(OUTBOX)
    assert len(web.asked) == asked
    kinds = {403: PermissionError, 404: FileNotFoundError}
    assert isinstance(caught.value.__cause__, kinds.get(status, Exception))


def test_a_server_that_asks_for_a_long_wait_is_waited_for_within_bounds(
    web: Web, transport: HttpsTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(https.time, "sleep", waited.append)
    web.fail(Fault(status=429, headers={"Retry-After": "7"}), Fault(status=503, headers={"Retry-After": "86400"}))
    transport.list_files(OUTBOX)
    assert waited == [7.0, 30.0]


def test_answers_are_put_whole_into_folders_that_are_made(web: Web, transport: HttpsTransport, tmp_path: Path) -> None:
    transport.write("320700/inbox/a.json", b"old" * 100_000)
    transport.write("320700/inbox/a.json", b"new")
    folder = web.root / "320700" / "inbox"
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.json", b"new")]

    (tmp_path / "rejects").write_bytes(b"skipped" + CONTENT)
    web.fail(Fault(status=503))
    with (tmp_path / "rejects").open("rb") as stream:
        stream.seek(7)
        transport.write("320700/inbox/报检单.csv", stream)
    assert (folder / "报检单.csv").read_bytes() == CONTENT


def test_a_server_that_takes_no_answers_is_told_with_what_to_set(web: Web, transport: HttpsTransport) -> None:
    web.fail(Fault(status=405))
    with pytest.raises(TransportError, match="dav_methods PUT"):
        transport.write("320100/inbox/a.json", b"{}")


def test_after_the_server_hung_up_the_next_call_connects_again(web: Web, transport: HttpsTransport) -> None:
    path = put(web)
    web.fail(*[Fault(cut_after=0)] * 4)
    with pytest.raises(TransportError, match=r"a\.csv"):
        list(transport.read(path))
    assert b"".join(transport.read(path)) == CONTENT


def test_a_file_of_any_size_takes_little_memory(web: Web, transport: HttpsTransport) -> None:
    with (web.root / OUTBOX / "huge.bin").open("wb") as stream:
        stream.truncate(64 * CHUNK_BYTES)
    web.fail(Fault(cut_after=40 * CHUNK_BYTES), Fault(ignores_range=True, headers={"repr-digest": ""}))
    tracemalloc.start()
    try:
        size = largest = 0
        for chunk in transport.read(f"{OUTBOX}/huge.bin"):
            size, largest = size + len(chunk), max(largest, len(chunk))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        (web.root / OUTBOX / "huge.bin").unlink()
    assert size == 64 * CHUNK_BYTES
    assert largest <= CHUNK_BYTES
    assert peak < 16 * CHUNK_BYTES

"""HTTPS: whom we trust with the token, what addresses may say, and that no message shows a secret."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path

import pytest

from ciq.errors import SettingsError, TransportError
from ciq.transports.base import Endpoint, open_transport
from ciq.transports.https import HttpsTransport
from support.web import NO_PAUSES, OUTBOX, TOKEN, Fault, Web, put, serving


def refused(web: Web, **changes: object) -> TransportError:
    endpoint = web.endpoint(**changes)
    with pytest.raises(TransportError) as caught, HttpsTransport(endpoint, pauses_s=NO_PAUSES) as opened:
        opened.list_files(OUTBOX)
    return caught.value


def test_a_wrong_token_is_told_and_never_shown(web: Web, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    for logger in (None, "httpx", "httpcore"):  # whatever Airflow, in this process, has said of them
        caplog.set_level(logging.DEBUG, logger=logger)
    wrong = refused(web, password="ciq.wrong-and-secret")
    assert "401 Unauthorized" in str(wrong)
    assert "token" in wrong.advice
    assert "web" in wrong.message
    assert f"https://127.0.0.1:{web.port}/320100/outbox" in wrong.message
    put(web)
    with HttpsTransport(web.endpoint()) as opened:
        opened.list_files(OUTBOX)
        list(opened.read(f"{OUTBOX}/a.csv"))
    (tmp_path / "token").write_text("two words")
    bad = refused(web, password=None, token_file=tmp_path / "token")
    shown = f"{wrong}{wrong.__cause__!r}{bad}{web.endpoint()!r}{caplog.text}"
    assert "200 OK" in caplog.text
    assert [secret for secret in ("wrong-and-secret", TOKEN, "two words") if secret in shown] == []


def test_a_new_token_in_the_file_is_used_at_the_next_connection(web: Web, tmp_path: Path) -> None:
    file = tmp_path / "token"
    with HttpsTransport(web.endpoint(password=None, token_file=file), pauses_s=NO_PAUSES) as opened:
        for text, said in [
            (None, "cannot be read"),
            ("", "no bearer token"),
            ("old\n", "401"),
            ("b\r\nX: y", "no header"),
        ]:
            if text is not None:
                file.write_text(text)
            with pytest.raises(TransportError, match=said):
                opened.list_files(OUTBOX)
            opened.close()
        file.write_text(f"{TOKEN}\n")
        opened.list_files(OUTBOX)


def test_only_a_server_with_a_trusted_certificate_of_its_name_gets_the_token(web: Web, tmp_path: Path) -> None:
    unknown = refused(web, ca_file=None)
    assert "CERTIFICATE_VERIFY_FAILED" in str(unknown)
    assert "ca_file" in unknown.advice
    assert "CERTIFICATE_VERIFY_FAILED" in str(refused(web, host="0.0.0.0"))
    assert web.asked == []
    (tmp_path / "ca.pem").write_text("nonsense")
    for file in (tmp_path / "ca.pem", tmp_path / "nowhere.pem"):
        assert "ca_file" in str(refused(web, ca_file=file))
    with HttpsTransport(web.endpoint(host="localhost")) as opened:
        opened.list_files(OUTBOX)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_never_gets_the_token(web: Web, tmp_path: Path, status: int) -> None:
    with serving(tmp_path, tmp_path / "certificates") as other:
        location = f"https://u:secret@127.0.0.1:{other.port}/320100/outbox/?signature=secret"
        web.fail(Fault(status=status, headers={"Location": location}))
        error = refused(web)
        assert f"{status}" in str(error)
        assert f"https://127.0.0.1:{other.port}/320100/outbox/" in str(error)
        assert "secret" not in str(error)
        assert other.asked == []


def test_a_port_that_speaks_no_tls_is_not_blamed_on_the_certificate(web: Web) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        error = refused(web, port=plain.getsockname()[1])
        thread.join()
    assert "ConnectError" in str(error)
    assert "port" in error.advice


def test_an_unreachable_server_and_an_impossible_address_are_told(web: Web) -> None:
    assert "ConnectError" in str(refused(web, port=1))
    assert "web" in str(refused(web, host="exa mple"))


def test_urls_become_endpoints() -> None:
    url = "https://branch.example:8443/ciq%20files/?token_file=/run/secrets/t&ca_file=/etc/ca.pem"
    endpoint = Endpoint.from_url("web", url)
    assert (endpoint.kind, endpoint.host, endpoint.port, endpoint.root) == (
        "https",
        "branch.example",
        8443,
        "/ciq files/",
    )
    assert (str(endpoint.token_file), str(endpoint.ca_file)) == ("/run/secrets/t", "/etc/ca.pem")
    assert Endpoint.from_url("web", "https://h").port == 443
    assert isinstance(open_transport(endpoint), HttpsTransport)
    assert (
        HttpsTransport(endpoint)._url("320100/outbox/a b")
        == "https://branch.example:8443/ciq%20files/320100/outbox/a%20b"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://h/",
        "http://127.0.0.1/",
        "https:///nohost",
        "https://:s3cret@h/",
        "https://s3cret@h/",
        "https://h/?token=s3cret",
        "https://ciq:s3c/ret@h/",
        "https://[h/s3cret",
    ],
)
def test_an_address_without_tls_or_with_the_token_in_it_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="Endpoint odd") as caught:
        Endpoint.from_url("odd", url)
    assert "s3c" not in f"{caught.value}{caught.value.__cause__!r}"

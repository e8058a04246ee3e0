"""A web server that misbehaves when it is told to, and a transport that does not pause before it tries again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ciq.transports.https import HttpsTransport
from support.web import NO_PAUSES, OUTBOX, Web, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    root = tmp_path_factory.mktemp("root")
    (root / OUTBOX).mkdir(parents=True)
    with serving(root, tmp_path_factory.mktemp("certificates")) as web:
        yield web


@pytest.fixture
def web(served: Web) -> Web:
    served.reset()
    return served


@pytest.fixture
def transport(web: Web) -> Iterator[HttpsTransport]:
    with HttpsTransport(web.endpoint(), pauses_s=NO_PAUSES) as opened:
        yield opened

"""A stack with the upload page, and a headless Chromium that reaches this computer alone."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from local.engine import running
from tests.local.processes.waiting import eventually
from tests.web.chromium import chromium
from tests.web.visitor import CODE, PATIENCE, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Route

    from local.stack import LocalStack

PAGE = {"page": {"access": {"code": CODE}}}
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True)
class Site:
    """The page's address, asked without a browser."""

    url: str

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Ask like `ask_once`, again while the route's limit refuses: all tests of a stack share it."""

        def let_through() -> Answer | None:
            answer = self.ask_once(method, path, body, headers)
            return None if answer.status == TOO_MANY_REQUESTS else answer

        return eventually(let_through, every=0.1)

    def answering(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Route], None]:
        """Return what answers the page's requests of a status as the API does, but for a change; not by the browser, which finds the host alone."""

        def answer(route: Route) -> None:
            route.fulfill(json=change(self.ask("GET", urlsplit(route.request.url).path).json()))

        return answer

    def ask_once(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Return the answer to one request; the access code is sent unless `headers` has another."""
        where = urlsplit(self.url)
        sent = {"Authorization": f"Bearer {CODE}", "Content-Type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", where.port or 0, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            for name, value in {"Host": where.netloc, "Content-Length": str(len(data)), **sent}.items():
                connection.putheader(name, value)
            connection.endheaders(data)
            response = connection.getresponse()
            return Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())
        finally:
            connection.close()


@dataclass(frozen=True)
class Answer:
    """Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the document."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of the error."""
        return str(self.json()["error"]["code"])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Run the program with the page."""
    with running(directory=tmp_path_factory.mktemp("page"), config=PAGE) as stack:
        yield stack


@pytest.fixture(scope="module")
def site(stack: LocalStack) -> Site:
    """Return the page without a browser."""
    return Site(stack["page_url"])


@pytest.fixture(scope="module")
def browser(stack: LocalStack) -> Iterator[Browser]:
    """Run Chromium after the stack: playwright's event loop is in this thread from here on, and Pulumi wants one of its own."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def tab(browser, stack):
    """Return a function that opens tabs; fail afterwards if a script failed or was stopped by the policy."""
    contexts, errors = [], []

    def opened(**options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("dialog", lambda dialog: errors.append(dialog.message))  # It stays open, and stops the page.
        return Visitor(page, stack["page_url"])

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def visitor(tab):
    """Return a visitor who has entered the right code."""
    visitor = tab()
    visitor.come_in()
    return visitor

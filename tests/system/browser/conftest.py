"""A browser, sites served on loopback, and pages that are watched: what they say, ask for and try to run."""

import base64
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Route, expect, sync_playwright

from pipeline.publish.site.serve import server
from pipeline.publish.site.views import MEDIA_HOSTS
from tests.system.browser import sites

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WAIT = 15_000  # ms; a busy machine is not a fault of the page
expect.set_options(timeout=WAIT)
_REPORT_VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective))"


@dataclass
class Served:
    """A built site: its folder, its address, and what the media hosts answer."""

    folder: Path
    address: str


@dataclass
class Watch:
    """What pages did that they must not: said errors, opened dialogs, asked elsewhere. `media` are pictures' hosts."""

    wrong: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    picture: Callable[[Route], None] = lambda route: route.fulfill(body=PNG, content_type="image/png")

    def context(self, context: BrowserContext, *homes: str) -> None:
        context.add_init_script(_REPORT_VIOLATIONS)
        context.route("**/*", lambda route: self._route(route, homes))
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"error: {error.error}"))
        context.on("dialog", self._dialog)

    def _route(self, route: Route, homes: tuple[str, ...]) -> None:
        url = route.request.url
        if url.startswith(homes):
            route.continue_()
        elif url.startswith(tuple(f"https://{host}/" for host in MEDIA_HOSTS)):
            self.media.append(url)
            self.picture(route)
        else:
            self.wrong.append(f"request: {url}")
            route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a window. Not for the whole session: its event loop is in the way of others."""
    binary = shutil.which("chromium")
    if not binary:
        pytest.skip("chromium is not installed: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=binary)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site with every kind of page."""
    yield from _served(sites.every_kind(tmp_path_factory.mktemp("output")))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site of attacks."""
    yield from _served(sites.hostile(tmp_path_factory.mktemp("hostile")))


def _served(folder: Path) -> Iterator[Served]:
    with server(folder, 0) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield Served(folder, f"http://127.0.0.1:{listening.server_port}/")
        listening.shutdown()
        thread.join()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Whose pages must do nothing wrong."""
    watching = Watch()
    yield watching
    assert watching.wrong == []


@pytest.fixture
def new_page(browser: Browser, every_kind: Served, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Makes a watched page in a browser context of its own, with the context's options."""
    contexts: list[BrowserContext] = []

    def make(served: Served = every_kind, **options: Any) -> Page:
        context = browser.new_context(base_url=served.address, **{"viewport": {"width": 1440, "height": 900}} | options)
        context.set_default_timeout(WAIT)
        watch.context(context, served.address, served.folder.as_uri())
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A watched page of the site with every kind of page."""
    return new_page()

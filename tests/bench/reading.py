"""Measures the site as readers have it: a year's search index, and its first page in a slow browser.

The browser is Debian's chromium behind a slow 4G line (1.6 Mbit/s, 150 ms) on a processor slowed down four times, which
is what Lighthouse takes for a phone. It measures itself: https://www.w3.org/TR/largest-contentful-paint/,
https://wicg.github.io/layout-instability/. Thumbnails are answered here.
"""

import gzip
import os
import resource
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

from pipeline.publish.site import search
from pipeline.publish.site.build import build
from pipeline.publish.site.paths import Site
from pipeline.publish.site.search import Pagefind
from pipeline.publish.site.serve import server
from tests.bench.measure import Figure
from tests.support import synthetic
from tests.system.browser.conftest import PNG

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER = 4
_OBSERVE = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.cls += one.value; })
  .observe({type: 'layout-shift', buffered: true});
"""


class _Timed(Pagefind):
    """Pagefind, which says how long it took and how much memory."""

    def build_index(self, pages: Path, target: Path) -> None:
        before = os.times()
        super().build_index(pages, target)
        after = os.times()
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        self.figures = [
            Figure("search index, 6,000 papers", "s", (after.elapsed - before.elapsed,), 15),
            Figure("search index: processor", "s", (_of_children(after) - _of_children(before),)),
            Figure("search index: memory", "MB", (most,), 2000),
        ]


def _of_children(times: os.times_result) -> float:
    return times.children_user + times.children_system


def figures() -> Iterator[Figure]:
    """A synthetic year of 6,000 papers: its index, then its first page."""
    installed = search.installed()
    with tempfile.TemporaryDirectory() as folder:
        synthetic.write(Path(folder), days=360, papers=6_000)
        timed = _Timed(*installed) if installed else None
        site = build(Path(folder), Site("오늘의 논문", ""), pagefind=timed).site
        yield from timed.figures if timed else ()
        binary = shutil.which("chromium")
        if binary:
            yield from _first_page(site, binary)
        else:
            print("first page: skipped, chromium is not installed")


def _first_page(site: Path, binary: str) -> Iterator[Figure]:
    with server(site, 0) as listening, sync_playwright() as playwright:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=binary)
        page = browser.new_page(viewport={"width": 360, "height": 740}, device_scale_factor=2)
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))
        _slow_down(page)
        page.goto(f"http://127.0.0.1:{listening.server_port}/", wait_until="networkidle")
        for _ in range(10):  # so that every lazy picture comes
            page.mouse.wheel(0, 2000)
            page.wait_for_timeout(200)
        seen = page.evaluate("seen")
        bodies = [answer.body() for answer in answers if answer.request.resource_type != "image"]
        packed = sum(len(gzip.compress(body)) for body in bodies)
        yield Figure("first page without images", "KB", (packed / 1000,), 100, note="gzip, as GitHub Pages sends it")
        yield Figure("first page: unpacked", "KB", (sum(map(len, bodies)) / 1000,), note=f"{len(bodies)} files")
        yield Figure("first page: largest contentful paint", "s", (seen["lcp"] / 1000,), note="sent unpacked")
        yield Figure("first page: layout shift, scrolled", "", (seen["cls"],))
        browser.close()
        listening.shutdown()


def _slow_down(page: Page) -> None:
    page.add_init_script(_OBSERVE)
    page.route("https://**", lambda route: route.fulfill(body=PNG, content_type="image/png"))
    protocol = page.context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", SLOW_4G)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

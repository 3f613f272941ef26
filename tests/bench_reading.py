"""What `make bench` prints of the site as readers have it: a year's search index, and its first page in a slow browser.

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
import time
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

from pipeline.publish.site import search
from pipeline.publish.site.build import build
from pipeline.publish.site.pages import Site
from pipeline.publish.site.search import Pagefind
from pipeline.publish.site.serve import server
from tests import synthetic
from tests.browser.conftest import PNG

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

    def make(self, pages: Path, target: Path) -> None:
        started = time.perf_counter()
        super().make(pages, target)
        took = time.perf_counter() - started
        used = os.times()
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{'search index, 6,000 papers':32}{took:9.3f}s{'':10}{15:9.2f}s")
        print(f"{'- processor':32}{used.children_user + used.children_system:9.3f}s")
        print(f"{'- memory':32}{most:8.0f}MB{'':10}{2000:8}MB")


def main() -> None:
    """A synthetic year of 6,000 papers: its index, then its first page."""
    installed = search.installed()
    with tempfile.TemporaryDirectory() as folder:
        synthetic.write(Path(folder), days=360, papers=6_000)
        site = build(Path(folder), Site("오늘의 논문", ""), pagefind=installed and _Timed(*installed)).site
        binary = shutil.which("chromium")
        if binary:
            _first_page(site, binary)
        else:
            print("first page: skipped, chromium is not installed")


def _first_page(site: Path, binary: str) -> None:
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
        print(
            f"{'first page without images':32}{packed / 1000:8.1f}KB{'':10}{100:8}KB   (gzip, as GitHub Pages sends it)"
        )
        print(f"{'- unpacked':32}{sum(map(len, bodies)) / 1000:8.1f}KB{'':20}   ({len(bodies)} files)")
        print(f"{'- largest contentful paint':32}{seen['lcp'] / 1000:9.3f}s{'':20}   (sent unpacked)")
        print(f"{'- layout shift, scrolled':32}{seen['cls']:10.4f}")
        browser.close()
        listening.shutdown()


def _slow_down(page: Page) -> None:
    page.add_init_script(_OBSERVE)
    page.route("https://**", lambda route: route.fulfill(body=PNG, content_type="image/png"))
    protocol = page.context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", SLOW_4G)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


if __name__ == "__main__":
    main()

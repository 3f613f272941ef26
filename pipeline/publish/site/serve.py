"""Serves the built site on this machine's loopback address, for looking at it; not a server for others."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pipeline.core.errors import ConfigError

HOST = "127.0.0.1"
# Types that Python does not know, or takes from the machine's own table, which may differ.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".xml": "application/xml",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".wasm": "application/wasm",
}


class _Handler(SimpleHTTPRequestHandler):
    """A handler of requests for files of the site, without hidden ones and lists of folders."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | _TYPES

    def send_head(self) -> Any:
        place = Path(self.translate_path(self.path))
        home = Path(self.directory).resolve()
        inside = place.resolve().is_relative_to(home)
        if not inside or any(part.startswith(".") for part in place.resolve().relative_to(home).parts):
            self.send_error(404)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:
        self.send_error(404)

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    """A server that does not log a browser's hanging up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def server(site: Path, port: int) -> ThreadingHTTPServer:
    """Return a listening server of this folder; 0 takes a free port. ConfigError without a site or a free port."""
    if not (site / "index.html").exists():
        raise ConfigError(f"There is no site in {site}; run `pipeline site build` first.")
    try:
        return _Server((HOST, port), partial(_Handler, directory=str(site)))
    except OSError as error:
        raise ConfigError(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.") from None

"""`pipeline site`: the reading site, built and served."""

import contextlib
import json
from collections.abc import Iterator
from functools import partial

import click

from pipeline.cli.common import PARTIAL, PUBLISHED, say
from pipeline.cli.options import readable_output
from pipeline.core.config import Settings, load
from pipeline.core.http import fetch, new_client
from pipeline.publish.site import media, search
from pipeline.publish.site.build import build as bring_in_line
from pipeline.publish.site.paths import Site
from pipeline.publish.site.serve import server


@click.group()
def site() -> None:
    """Build and serve the digests as a static site for readers."""


@site.command()
@click.option("--json", "as_json", is_flag=True, help="What was built as JSON on standard output.")
def build(as_json: bool) -> int:
    """Bring the site in the output folder in line with the digests. Exit 3: built, but for what is named."""
    settings = load()
    target = Site(settings.site.title, str(settings.site.base_url or ""))
    with _thumbnails(settings) as fetch_thumbnail:
        built = bring_in_line(readable_output(settings), target, fetch_thumbnail, search.installed())
    if not built.searchable:
        say(search.MISSING)
    for problem in built.problems:
        say(problem)
    if as_json:
        click.echo(json.dumps(built._asdict(), ensure_ascii=False, default=str))
    else:
        click.echo(f"{built.days} days, {built.papers} papers, {built.changed} files changed: {built.site}/index.html")
    return PARTIAL if built.problems else PUBLISHED


@contextlib.contextmanager
def _thumbnails(settings: Settings) -> Iterator[media.Fetch | None]:
    """Yield how a thumbnail is fetched; None where the site keeps none."""
    if settings.site.media == "link":
        yield None
        return
    media.require_pillow()
    with new_client() as client:
        yield partial(fetch, client, source="thumbnail", kind="image", max_bytes=media.LARGEST)


@site.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
def serve(port: int) -> int:
    """Show the built site on this machine, until interrupted."""
    with server(load().output_dir / "site", port) as listening:
        click.echo(f"http://{listening.server_name}:{listening.server_port}/ (Ctrl+C ends it)")
        listening.serve_forever()
    return PUBLISHED

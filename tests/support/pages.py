"""Writes the generated parts of the pages: `make docs`, or `python -m tests.support.pages`.

A generated part stands between `<!-- NAME -->` and `<!-- /NAME -->`; `tests/unit/test_pages.py` holds it.
"""

import ast
import inspect
import re
import tomllib
from collections.abc import Callable, Iterator

from pydantic import BaseModel

from pipeline.core.config import Settings
from pipeline.core.providers import PROVIDERS
from pipeline.lint.report import rules_table
from tests import ROOT
from tests.bench import scale

PAGES = [path for pattern in ("*.md", "docs/*.md", "tests/*/README.md") for path in sorted(ROOT.glob(pattern))]


def main() -> None:
    """Write every page with its generated parts made anew."""
    for path in PAGES:
        path.write_text(filled(path.read_text("utf-8")), "utf-8")


def filled(page: str) -> str:
    """Return the page with its generated parts made anew."""
    return re.sub(
        r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)",
        lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}",
        page,
        flags=re.DOTALL,
    )


def settings_tables() -> str:
    """Return a Markdown table for each group of settings: variable, default, meaning."""
    return "\n".join(_tables(Settings, "## General", "PIPELINE_"))


def providers_table() -> str:
    """Return a Markdown table of the providers: name, variables, default model, engines."""
    lines = ["| provider | key | address | default model | engines |", "|---|---|---|---|---|"]
    for name, provider in PROVIDERS.items():
        cells = (name, provider.key, provider.url, provider.model)
        engines = ", ".join(f"`{engine}`" for engine in provider.engines)
        lines.append(f"| {' | '.join(f'`{cell}`' if cell else 'none' for cell in cells)} | {engines} |")
    return "\n".join(lines)


def ladder() -> str:
    """Return the layers of the import contract, the upper one first, as a block of text."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    return "\n".join(["```text", *(layer for layer in layers if layer != "__main__"), "```"])


def _tables(group: type[BaseModel], heading: str, prefix: str) -> Iterator[str]:
    meanings = _attribute_docstrings(group)
    nested: list[tuple[str, type[BaseModel]]] = []
    yield f"{heading}\n\n{inspect.getdoc(group)}\n\n| variable | default | meaning |\n|---|---|---|"
    for name, field in group.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested.append((name, field.annotation))
        else:
            default = _shown(field.get_default(call_default_factory=True, validated_data={}))
            yield f"| `{prefix}{name.upper()}` | {default} | {meanings[name]} |"
    for name, model in nested:
        yield from ("", *_tables(model, f"## `[{name}]`", f"{prefix}{name.upper()}__"))


def _attribute_docstrings(group: type[BaseModel]) -> dict[str, str]:
    """Return the string below each field. pydantic can keep them, but reads the source at every start for that."""
    [class_] = ast.parse(inspect.getsource(group)).body
    assert isinstance(class_, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(said.value.value).replace("\n", " ")
        for field, said in zip(class_.body, class_.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant) and isinstance(said.value.value, str)
    }


def _shown(default: object) -> str:
    if default in (None, (), {}):
        return "none"
    if isinstance(default, bool):
        return f"`{default}`".lower()
    return f"`{default}`".replace("/`", "`")  # pydantic ends an address with a slash


PARTS: dict[str, Callable[[], str]] = {
    "ladder": ladder,
    "settings": settings_tables,
    "providers": providers_table,
    "rules": rules_table,
    "scale": lambda: "\n".join(scale.table()),
}

if __name__ == "__main__":
    main()

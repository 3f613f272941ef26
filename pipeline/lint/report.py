"""Findings and the table of rules as text, JSON, GitHub annotations, SARIF and markdown.

Says nothing about what is wrong, and prints nothing: every function returns a string.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

from pipeline import __version__
from pipeline.core.models import Finding, Severity
from pipeline.core.rules import RULES
from pipeline.core.text import printable

FindingsFormat = Literal["text", "json", "github", "sarif"]

# GitHub and SARIF know no `critical`; both stop at `error`.
_LEVEL: dict[Severity, str] = {"critical": "error", "error": "error", "warning": "warning"}


def render_findings(findings: Sequence[Finding], form: FindingsFormat) -> str:
    """Return the findings in one of the four formats, in the given order, without a newline at the end."""
    return _FORMATS[form](findings)


def rules_table() -> str:
    """Return every rule with its severity, effect and meaning as a markdown table, in the order of `rules.RULES`."""
    rows = [f"| `{name}` | {rule.severity} | {rule.effect or '–'} | {rule.meaning} |" for name, rule in RULES.items()]
    return "\n".join(["| rule | severity | effect | what is wrong |", "|---|---|---|---|", *rows])


def summarise_findings(findings: Sequence[Finding]) -> dict[str, int]:
    """Count the findings of each severity, all of them, and their files."""
    severities = Counter(finding.severity for finding in findings)
    counts = {severity: severities[severity] for severity in get_args(Severity)}
    return {"findings": len(findings), **counts, "files": len({finding.path for finding in findings})}


def _text(findings: Sequence[Finding]) -> str:
    lines = [
        printable(f"{found.path}:{found.line}:{found.column}: {found.severity} {found.rule} {found.message}")
        for found in findings
    ]
    return "\n".join([*lines, _summary_line(summarise_findings(findings))])


def _summary_line(summary: dict[str, int]) -> str:
    if not summary["findings"]:
        return "No findings."
    counts = [_count(summary["critical"], "critical finding")] if summary["critical"] else []
    counts += [_count(summary["error"], "error"), _count(summary["warning"], "warning")]
    return f"{', '.join(counts)} in {_count(summary['files'], 'file')}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _json(findings: Sequence[Finding]) -> str:
    keys = ("path", "line", "column", "paper_id", "rule", "severity", "message", "text")
    shown = [{key: getattr(found, key) for key in keys} for found in findings]
    return json.dumps({"findings": shown, "summary": summarise_findings(findings)}, ensure_ascii=False, indent=2)


def _github(findings: Sequence[Finding]) -> str:
    """Return workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions"""
    return "\n".join(
        f"::{_LEVEL[found.severity]} file={_escape_property(found.path)},line={found.line},col={found.column},"
        f"title={_escape_property(found.rule)}::{_escape_data(found.message)}"
        for found in findings
    )


def _escape_data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(value: str) -> str:
    return _escape_data(value).replace(":", "%3A").replace(",", "%2C")


def _sarif(findings: Sequence[Finding]) -> str:
    """Return SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

    Files under the current folder get a relative URI, others a `file:` one.
    """
    run = {
        "tool": {"driver": {"name": "pipeline", "semanticVersion": __version__, "rules": _sarif_rules()}},
        "columnKind": "unicodeCodePoints",
        "results": _sarif_results(findings, Path.cwd()),
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2)


def _sarif_rules() -> list[dict[str, object]]:
    return [
        {
            "id": name,
            "shortDescription": {"text": rule.meaning},
            "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        }
        for name, rule in RULES.items()
    ]


def _sarif_results(findings: Sequence[Finding], root: Path) -> list[dict[str, object]]:
    index = {name: number for number, name in enumerate(RULES)}
    seen: Counter[tuple[str, ...]] = Counter()
    results = []
    for found in findings:
        uri = _uri(found.path, root)
        # What stays the same for a finding when lines move, and which of several equal ones it is.
        identity = (found.rule, uri, found.paper_id or "", found.text)
        seen[identity] += 1
        fingerprint = hashlib.sha256("\0".join((*identity, str(seen[identity]))).encode()).hexdigest()
        region: dict[str, object] = {"startLine": found.line, "startColumn": found.column}
        if found.text:
            region["snippet"] = {"text": found.text}
        results.append(
            {
                "ruleId": found.rule,
                "ruleIndex": index[found.rule],
                "level": _LEVEL[found.severity],
                "message": {"text": found.message},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
                "partialFingerprints": {"finding/v1": fingerprint},
            }
        )
    return results


def _uri(path: str, root: Path) -> str:
    absolute = (root / path).resolve()
    if absolute.is_relative_to(root):
        return quote(absolute.relative_to(root).as_posix())
    return absolute.as_uri()


_FORMATS: dict[FindingsFormat, Callable[[Sequence[Finding]], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}

"""The records that travel between the stages: frozen, named, and free of behaviour beyond their own fields.

`list[Listed]` → `Paper` → `SourceText` → `Summary` (+ findings) → `Entry` → `Digest`.
"""

import datetime as dt
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LayoutName = str  # a key of `layouts.LAYOUTS`
Severity = Literal["critical", "error", "warning"]


class Frozen(BaseModel):
    """A record: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# Records of earlier versions say `grave`.
_Severity = Annotated[
    Severity,
    BeforeValidator(
        lambda value: "critical" if value == "grave" else value,
        json_schema_input_type=Literal["critical", "grave", "error", "warning"],
    ),
]


class Finding(Frozen):
    """Something wrong at one place of a text. `line` and `column` count from 1; `text` is the offending excerpt.

    `sentence` is the number, from 1, of the summary's sentence at fault; None if it is the whole, or a line of a file.
    """

    rule: str
    severity: _Severity
    message: str
    line: int = 1
    column: int = 1
    text: str = ""
    paper_id: str | None = None
    path: str = ""
    sentence: int | None = None


class Match(Frozen):
    """The reason that a paper was chosen for a reader: its BM25 score, and the words of the profile that it matches."""

    score: float
    words: tuple[str, ...]


class Listed(Frozen):
    """One row of a day's list, by Hugging Face or arXiv's announcement. `id` is without version."""

    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    votes: int | None = None
    thumbnail: str | None = None
    match: Match | None = None
    metadata: Literal["arxiv", "huggingface"] = "huggingface"


class Metadata(Frozen):
    """arXiv's metadata of a paper. `id` is without version, `withdrawn` is of the newest version."""

    id: str
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published: dt.datetime
    withdrawn: bool = False


class Paper(Frozen):
    """A paper as the digest knows it: arXiv's metadata where there is any, and the list's votes, thumbnail and rank.

    Title and abstract are plain text in normal form, as by `text.plain`; names are in normal form.
    `rank` is the place in the day's list from 0. `version` is None where arXiv did not answer.
    """

    id: str
    version: int | None = None
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...] = ()
    votes: int | None = None
    thumbnail: str | None = None
    match: Match | None = None
    rank: int = 0
    withdrawn: bool = False
    metadata: Literal["arxiv", "huggingface"] = "arxiv"


class SourceSentence(Frozen):
    """One sentence, or one row of a table. `start` and `end` are offsets in characters in the whole text.

    `section` is the section's title as printed; `anchor` is the fragment of a link to the place (after `#`), "" where
    the text has no addresses.
    """

    text: str
    section: str = ""
    anchor: str = ""
    start: int = 0
    end: int = 0


class SourceText(Frozen):
    """The text that a summary may rest on, by sentence; citation n is of `sentences[n - 1]`.

    `cut` says in words what is missing: sections that the budget left out, hidden text that was dropped, and why the
    origin is not a better one.
    """

    paper_id: str
    sentences: tuple[SourceSentence, ...]
    origin: Literal["abstract", "html", "pdf"] = "abstract"
    cut: tuple[str, ...] = ()


class Section(Frozen):
    """One labelled text of an entry. The text is kept raw; in `bullets` each bullet is a section without a name."""

    name: str
    text: str


# The section of the claim that is an answer's headline: it is recorded, and printed in no layout.
HEADLINE = "headline"


class Claim(Frozen):
    """One sentence of a summary, with the name of its section and the numbers of the source sentences that it cites."""

    section: str
    text: str
    cites: tuple[int, ...]


class Cited(Frozen):
    """A sentence of the paper that a summary cites, with its number."""

    number: int
    text: str
    section: str = ""
    anchor: str = ""


class Entry(Frozen):
    """One paper in a digest, as printed. `more_authors` is the N of `외 N명`."""

    paper_id: str
    title: str
    url: str
    thumbnail: str | None = None
    votes: int | None = None
    authors: tuple[str, ...] = ()
    more_authors: int = 0
    sections: tuple[Section, ...] = ()


class Span(Frozen):
    """The place of an entry in a file: characters `start` to `end`, beginning on `line` (from 1).

    Lines between `own_end` and `end` are read with it, but belong to no part of it: an editor's note.
    """

    start: int
    own_end: int
    end: int
    line: int


class Digest(Frozen):
    """One file's content. `date` is None in the layout `easy`, whose files carry no date."""

    layout: LayoutName
    date: dt.date | None
    entries: tuple[Entry, ...]


class Parsed(Frozen):
    """A digest as read: `spans[i]` belongs to `digest.entries[i]`; `findings` are departures from canonical form."""

    digest: Digest
    spans: tuple[Span, ...]
    findings: tuple[Finding, ...]


class Usage(Frozen):
    """Tokens as the provider counted them.

    `cached` is the part of `input` that it had cached, `written` the part that it cached now, which it charges for.
    """

    input: int = Field(default=0, ge=0)
    output: int = Field(default=0, ge=0)
    cached: int = Field(default=0, ge=0)
    written: int = Field(default=0, ge=0)

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: count + getattr(other, name) for name, count in self})


class Message(Frozen):
    """One turn of a chat. Other requests share its first `shared` characters, so that a provider may cache them."""

    role: Literal["system", "user", "assistant"]
    content: str
    shared: int = 0


class Prompt(Frozen):
    """The prompt file that was used: `hash` covers its bytes and those of the files that it includes."""

    name: str
    version: str
    hash: str


class Request(Frozen):
    """One question to a model. `answer_schema` is the strict JSON schema of the answer, `attempt` counts from 1.

    `paper` and `source` are what the messages were rendered from, for a writer that works without a prompt. `model`
    is given where it is not the adapter's own.
    """

    layout: LayoutName
    paper: Paper
    source: SourceText
    messages: tuple[Message, ...]
    answer_schema: dict[str, object]
    temperature: float | None = None
    max_tokens: int = 8000
    model: str | None = None
    attempt: int = 1


Problem = Literal["refusal", "truncated", "filtered", "empty", "envelope"]


class Answer(Frozen):
    """The reply to a request. `problem` says why `content` is not an answer; usage is kept either way."""

    content: str = ""
    problem: Problem | None = None
    detail: str = ""
    model: str = ""
    usage: Usage = Usage()
    seconds: float = 0.0


class Batch(NamedTuple):
    """A batch of calls at a provider: `name` is ours and unique, `file` and `id` the provider's, None until then."""

    number: int
    name: str
    file: str | None = None
    id: str | None = None


class Summary(Frozen):
    """A verified summary of a paper. `findings` are the warnings that did not hold it back.

    `cited` are the sentences that its headline and claims cite; `origin` and `cut` are those of the source text.
    """

    paper_id: str
    layout: LayoutName
    sections: tuple[Section, ...]
    headline: Claim | None = None
    claims: tuple[Claim, ...] = ()
    cited: tuple[Cited, ...] = ()
    origin: Literal["abstract", "html", "pdf"] = "abstract"
    cut: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    model: str = ""
    prompt: Prompt
    usage: Usage = Usage()
    attempts: int = 1


class HeldBack(Frozen):
    """A paper that is not printed, and why. `postponed`: nothing is wrong with it, but the budget is spent."""

    paper_id: str
    layout: LayoutName
    reason: str
    findings: tuple[Finding, ...] = ()
    model: str = ""
    usage: Usage = Usage()
    attempts: int = 0
    postponed: bool = False


class Failed(Frozen):
    """A paper that could not be asked about: because of the network, the model's service, or a bug in handling it."""

    paper_id: str
    layout: LayoutName
    reason: str


Outcome = Summary | HeldBack | Failed

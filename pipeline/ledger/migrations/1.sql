CREATE TABLE runs (
    id INTEGER PRIMARY KEY, command TEXT NOT NULL, day TEXT, started_at TEXT NOT NULL, ended_at TEXT,
    exit_code INTEGER
) STRICT;
CREATE TABLE summaries (
    paper_id TEXT NOT NULL, version INTEGER NOT NULL, layout TEXT NOT NULL, prompt_hash TEXT NOT NULL,
    model TEXT NOT NULL, summary TEXT NOT NULL,
    PRIMARY KEY (paper_id, layout, version, prompt_hash, model)
) STRICT, WITHOUT ROWID;
CREATE TABLE calls (
    id INTEGER PRIMARY KEY, run INTEGER REFERENCES runs (id), request_hash TEXT NOT NULL, paper_id TEXT NOT NULL,
    layout TEXT NOT NULL, model TEXT NOT NULL, started_at TEXT NOT NULL, seconds REAL,
    state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'failed', 'in doubt')), error TEXT,
    input INTEGER NOT NULL DEFAULT 0, output INTEGER NOT NULL DEFAULT 0, cached INTEGER NOT NULL DEFAULT 0,
    usd REAL, answer TEXT, settled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX calls_unsettled ON calls (request_hash) WHERE settled = 0;
CREATE INDEX calls_by_paper ON calls (paper_id, layout);
CREATE INDEX calls_by_time ON calls (started_at);
CREATE TABLE deliveries (
    day TEXT NOT NULL, channel TEXT NOT NULL, part INTEGER NOT NULL, message_key TEXT NOT NULL,
    delivered_at TEXT NOT NULL,
    PRIMARY KEY (day, channel, part)
) STRICT, WITHOUT ROWID;

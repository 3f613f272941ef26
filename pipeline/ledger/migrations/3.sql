CREATE TABLE batches (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, file TEXT, batch TEXT, begun_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('preparing', 'submitted', 'ended'))
) STRICT;
ALTER TABLE calls ADD COLUMN batch INTEGER REFERENCES batches (id);
CREATE INDEX calls_by_batch ON calls (batch) WHERE batch IS NOT NULL;
CREATE INDEX calls_open ON calls (state) WHERE state = 'open';
CREATE INDEX calls_by_run ON calls (run);

CREATE TABLE IF NOT EXISTS days (
    date TEXT NOT NULL, layout TEXT NOT NULL, state TEXT NOT NULL, evidence TEXT, provider TEXT NOT NULL,
    PRIMARY KEY (date, layout)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS papers (
    id TEXT PRIMARY KEY, version INTEGER, title TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listings (
    date TEXT NOT NULL, layout TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id), place INTEGER NOT NULL,
    status TEXT CHECK (status IN ('printed', 'duplicate', 'held back', 'failed')), reason TEXT NOT NULL,
    PRIMARY KEY (date, layout, paper_id),
    FOREIGN KEY (date, layout) REFERENCES days (date, layout) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listings_by_paper ON listings (paper_id);
CREATE INDEX IF NOT EXISTS listings_by_status ON listings (status, date);
CREATE TABLE IF NOT EXISTS read_days (
    layout TEXT NOT NULL, date TEXT NOT NULL, stamp TEXT NOT NULL, PRIMARY KEY (layout, date)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mentions (
    paper_id TEXT NOT NULL, layout TEXT NOT NULL, date TEXT NOT NULL, PRIMARY KEY (paper_id, layout, date)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mentions_by_day ON mentions (layout, date);

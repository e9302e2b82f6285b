-- What was tried, for which task, and where. Its words and vector are an item with the same id.
CREATE TABLE approaches (
    number    INTEGER PRIMARY KEY,
    item      TEXT NOT NULL UNIQUE,
    kind      TEXT NOT NULL,
    task      TEXT NOT NULL,
    language  TEXT,
    workspace TEXT,
    approach  TEXT NOT NULL
) STRICT;

-- How it went, each time.
CREATE TABLE outcomes (
    id       TEXT NOT NULL PRIMARY KEY,
    approach INTEGER NOT NULL REFERENCES approaches (number),
    worked   INTEGER NOT NULL CHECK (worked IN (0, 1)),
    evidence TEXT NOT NULL,
    agent    TEXT NOT NULL,
    at       INTEGER NOT NULL -- milliseconds since 1970, from the caller
) STRICT;
CREATE INDEX outcomes_by_approach ON outcomes (approach, at, worked);

-- The kernel's tables. Moments are milliseconds since 1970-01-01 UTC. Migrations are only ever added to.

-- What the database is: its epoch (new after a restore), how often it started without settling.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a stream. A message names its stream by this integer: an index over text costs a decade of speed.
CREATE TABLE streams (
    id         INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    version    INTEGER NOT NULL,          -- how many events it has
    head       INTEGER NOT NULL,          -- position of its newest message
    wake_at    INTEGER,                   -- when its entity has to be up: null never, 0 always, else a moment
    parked     TEXT,                      -- JSON {by, why, since, …} while its entity is kept from acting
    created_at INTEGER NOT NULL,
    UNIQUE (kind, name)
) STRICT;
CREATE INDEX streams_wake ON streams (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX streams_parked ON streams (kind) WHERE parked IS NOT NULL;

-- Journal and bus in one; never updated. `previous` chains a stream's messages, in place of an index.
-- No reference is DEFERRABLE: while one waits for its parent, SQLite looks through the whole child table
-- for each new parent, which made a first append as long as the history. So streams are written first.
CREATE TABLE messages (
    id             INTEGER PRIMARY KEY,   -- the position: assigned by the writer, without gaps, never reused
    stream         INTEGER REFERENCES streams (id),
    version        INTEGER,               -- of the stream, after this event; null for what is no event
    previous       INTEGER,               -- position of the stream's message before this one
    kind           TEXT    NOT NULL CHECK (kind IN ('command', 'event', 'fact', 'publication')),
    message_id     TEXT,                  -- of commands and publications: brought by the caller
    topic          TEXT,                  -- null: not published
    event_type     TEXT    NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('completed', 'failed')),
    error          TEXT,                  -- JSON: the refusal of a failed command
    created_at     INTEGER NOT NULL,
    causation_id   INTEGER,               -- position of the command that brought this about
    correlation_id TEXT,                  -- message_id of the command at the beginning of it all
    data           TEXT    NOT NULL       -- JSON, small
) STRICT;

-- Content by hash AND place: everybody who needs it has a file and a row of their own, so that one's archive
-- is not moved or cleaned up under another's feet. Whoever reads asks for the hash and takes any place.
CREATE TABLE files (
    hash        TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    refs        INTEGER NOT NULL,         -- how many streams need it there
    released_at INTEGER,
    gone        INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),  -- it has expired: its file was removed
    PRIMARY KEY (hash, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_path ON files (path) WHERE gone = 0;

-- Read model: one row a process, keyed by its stream.
CREATE TABLE processes (
    stream        INTEGER PRIMARY KEY REFERENCES streams (id),
    id            TEXT    NOT NULL,
    workflow_id   TEXT,
    agent_id      TEXT,
    session_id    TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    runtime       TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    priority      INTEGER NOT NULL,
    prompt_file   TEXT    NOT NULL,
    response_file TEXT,
    response_line INTEGER,
    attempt       INTEGER NOT NULL,
    retry_count   INTEGER NOT NULL,
    max_retries   INTEGER NOT NULL,
    lost_count    INTEGER NOT NULL,
    error         TEXT,
    due_at        INTEGER,
    created_at    INTEGER NOT NULL,
    started_at    INTEGER,
    completed_at  INTEGER,
    metrics       TEXT                    -- JSON {tokens_in, tokens_out, cost_usd, duration_ms}
) STRICT;
CREATE INDEX processes_open ON processes (runtime, status, priority DESC, created_at, stream)
    WHERE status IN ('PENDING', 'RETRY', 'STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING');
CREATE INDEX processes_due ON processes (due_at) WHERE status = 'RETRY';
CREATE INDEX processes_busy_sessions ON processes (session_id)
    WHERE status IN ('STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING');

-- Read model: one row a session. `bytes` is the committed length of its file: what lies beyond it is not said.
CREATE TABLE sessions (
    stream         INTEGER PRIMARY KEY REFERENCES streams (id),
    id             TEXT    NOT NULL,
    file           TEXT    NOT NULL,
    line_count     INTEGER NOT NULL,
    bytes          INTEGER NOT NULL,
    agent_id       TEXT,
    last_active_at INTEGER
) STRICT;

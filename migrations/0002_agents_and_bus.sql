-- Agents, and the bus: durable subscriptions, and what is kept beside the messages and is none.

-- Read model: one row an agent, keyed by its stream.
CREATE TABLE agents (
    stream             INTEGER PRIMARY KEY REFERENCES streams (id),
    id                 TEXT    NOT NULL,
    profile            TEXT    NOT NULL,
    display_name       TEXT    NOT NULL,
    status             TEXT    NOT NULL,   -- inactive, active, busy, unregistered
    connection         TEXT,               -- <the server's life>.<number>, while it is connected
    current_session_id TEXT,
    current_process_id TEXT,
    capabilities       TEXT    NOT NULL,   -- JSON array
    permissions        TEXT    NOT NULL,   -- JSON object
    metrics            TEXT    NOT NULL,   -- JSON, summed over its processes
    created_at         INTEGER NOT NULL,
    last_active_at     INTEGER
) STRICT;
CREATE INDEX agents_connected ON agents (connection) WHERE connection IS NOT NULL;

-- Durable cursors: everything up to `position` has been acknowledged. One row changes an acknowledgement.
CREATE TABLE subscriptions (
    name            TEXT    PRIMARY KEY,
    subscriber      TEXT    NOT NULL,
    topics          TEXT    NOT NULL,      -- JSON array of patterns
    stream          TEXT,                  -- kind/name: only this stream's messages (an agent's mailbox)
    position        INTEGER NOT NULL,
    epoch           TEXT    NOT NULL,      -- of the journal that the position belongs to
    ack_wait_ms     INTEGER NOT NULL,
    max_deliveries  INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    acknowledged_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_subscriber ON subscriptions (subscriber);

-- Only what went wrong has a row: `pending` is tried again, `failed` is dead, `completed` was handled late.
CREATE TABLE deliveries (
    subscription TEXT    NOT NULL REFERENCES subscriptions (name) ON DELETE CASCADE,
    position     INTEGER NOT NULL REFERENCES messages (id),
    status       TEXT    NOT NULL CHECK (status IN ('pending', 'failed', 'completed')),
    retry_count  INTEGER NOT NULL,
    error        TEXT,
    processed_at INTEGER,
    PRIMARY KEY (subscription, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_dead ON deliveries (position) WHERE status = 'failed';

-- What was published under a key: an honest retry gets the first position.
CREATE TABLE publications (
    key        TEXT    PRIMARY KEY,
    body       TEXT    NOT NULL,           -- hash of what was published
    position   INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX publications_age ON publications (created_at);

-- Large shared state: what state/shared/{key}.json holds.
CREATE TABLE shared_state (
    key        TEXT    PRIMARY KEY,
    hash       TEXT    NOT NULL,
    bytes      INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

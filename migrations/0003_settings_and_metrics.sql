-- Settings made while the server runs, and what became of the work, hour by hour. Neither is a read model: a
-- rebuild leaves both alone.

-- One row a setting. Over the settings file, under the environment.
CREATE TABLE config (
    key         TEXT    PRIMARY KEY,
    value       TEXT    NOT NULL,         -- JSON; of a secret, sealed with the key in <home>/secret.key
    description TEXT,
    secret      INTEGER NOT NULL CHECK (secret IN (0, 1)),
    updated_at  INTEGER NOT NULL,
    position    INTEGER NOT NULL          -- of the message that told of it: the row's revision
) STRICT, WITHOUT ROWID;

-- Points in time. `timestamp` is the beginning of the hour that a point sums up.
CREATE TABLE metrics (
    id           INTEGER PRIMARY KEY,
    metric_name  TEXT    NOT NULL,
    metric_value REAL    NOT NULL,
    tags         TEXT    NOT NULL,        -- JSON, its keys in order
    timestamp    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX metrics_point ON metrics (timestamp, metric_name, tags);

-- What the hours that have been summed up come to, by day; never removed.
CREATE TABLE totals (
    day         INTEGER NOT NULL,         -- its beginning, UTC
    runtime     TEXT    NOT NULL,
    model       TEXT    NOT NULL,
    agent_id    TEXT    NOT NULL,         -- '' for work on nobody's behalf
    count       INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    answers     INTEGER NOT NULL,         -- those with a duration
    duration_ms INTEGER NOT NULL,
    tokens_in   INTEGER NOT NULL,
    tokens_out  INTEGER NOT NULL,
    cost_usd    REAL    NOT NULL,
    PRIMARY KEY (day, runtime, model, agent_id)
) STRICT, WITHOUT ROWID;

-- Whatever ended in an hour is found by this.
CREATE INDEX processes_ended ON processes (completed_at) WHERE completed_at IS NOT NULL;

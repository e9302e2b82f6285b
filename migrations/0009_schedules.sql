-- Schedules: what is started by the clock.

-- Read model: one row a schedule, keyed by its stream. What it starts, and what came of each of its times, is
-- read from its stream.
CREATE TABLE schedules (
    stream      INTEGER PRIMARY KEY REFERENCES streams (id),
    id          TEXT    NOT NULL,
    status      TEXT    NOT NULL,   -- active, paused, failed (its only time was in vain), ended
    timing      TEXT    NOT NULL,   -- JSON {cron, zone}, or {at}
    starts      TEXT    NOT NULL,   -- for people: workflow debate
    missed      TEXT    NOT NULL,   -- what becomes of missed times: skip, once, all
    next_at     INTEGER,            -- null: none is left
    last_at     INTEGER,            -- when the last time was that something was to be started
    last        TEXT,               -- JSON {workflow_id} or {process_id}: what was started last
    started     INTEGER NOT NULL,   -- how often something was started
    missed_times INTEGER NOT NULL,  -- how many times passed without
    failing     INTEGER NOT NULL,   -- how many times in a row nothing could be started
    error       TEXT,               -- why not, the last time
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    ended_at    INTEGER
) STRICT;
CREATE INDEX schedules_failing ON schedules (failing) WHERE failing > 0;

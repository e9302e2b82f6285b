-- Workflows.

-- Read model: one row a workflow, keyed by its stream. What its channels hold is read from its checkpoints.
CREATE TABLE workflows (
    stream          INTEGER PRIMARY KEY REFERENCES streams (id),
    id              TEXT    NOT NULL,
    type            TEXT    NOT NULL,      -- its definition's name
    definition_hash TEXT    NOT NULL,      -- of the bundle that it is pinned to
    parent_id       TEXT,                  -- the workflow whose node it carries out
    root_id         TEXT    NOT NULL,      -- the one at the beginning of it all
    status          TEXT    NOT NULL,      -- running, interrupted, paused, cancelling, completed, failed, cancelled
    run             INTEGER NOT NULL,
    current_step    INTEGER NOT NULL,
    interrupts      INTEGER NOT NULL,      -- how many questions are open
    params          TEXT,                  -- JSON: what its run was given; null where that is a file
    error           TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    completed_at    INTEGER,
    metrics         TEXT    NOT NULL       -- JSON {turns, tokens_in, tokens_out, cost_usd, duration_ms}, of all runs
) STRICT;
CREATE INDEX workflows_root ON workflows (root_id);
CREATE INDEX workflows_open ON workflows (type, status) WHERE status IN ('running', 'interrupted', 'paused', 'cancelling', 'failed');

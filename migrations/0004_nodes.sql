-- Nodes of workflows that are at work, or were.

-- Read model: one row a node, keyed by its stream.
CREATE TABLE nodes (
    stream             INTEGER PRIMARY KEY REFERENCES streams (id),
    id                 TEXT    NOT NULL,
    workflow_id        TEXT    NOT NULL,
    path               TEXT    NOT NULL,   -- for people: debate/run 1/step 3/judge[2]
    status             TEXT    NOT NULL,   -- running, cancelling, completed, failed, cancelled
    turn               INTEGER NOT NULL,   -- the current one, or the last
    current_process_id TEXT,               -- while one is at work for it
    error              TEXT,
    created_at         INTEGER NOT NULL,
    completed_at       INTEGER,
    metrics            TEXT    NOT NULL    -- JSON {turns, tokens_in, tokens_out, cost_usd, duration_ms}
) STRICT;
CREATE INDEX nodes_workflow ON nodes (workflow_id);

-- Audit: who was allowed or refused what, through which door. No messages: nobody needs them to rebuild anything.

CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    call_id     TEXT    NOT NULL,           -- which call; made again after a crash, it has the same
    actor       TEXT    NOT NULL,           -- the profile of an agent; 'nodes': a node of the workflow itself
    workflow_id TEXT    NOT NULL,
    run         INTEGER NOT NULL,
    place       TEXT    NOT NULL,           -- where in the workflow, for people
    tool        TEXT    NOT NULL,
    target      TEXT    NOT NULL,           -- what on: paths, a host, a command; never content
    allowed     INTEGER NOT NULL,
    rule        TEXT    NOT NULL,           -- by which rule
    why         TEXT,                       -- of a refusal
    bytes       INTEGER NOT NULL DEFAULT 0, -- so much was to be written
    millis      INTEGER NOT NULL DEFAULT 0  -- so long a program may run; when it has ended: ran
) STRICT;

-- A decision about a call that is made again is the same decision.
CREATE UNIQUE INDEX audit_calls ON audit (call_id, allowed, target);

-- Budgets count what one has done in a run.
CREATE INDEX audit_done ON audit (workflow_id, run, actor, tool);

-- What a message says is written down once: most commands succeed, and most of a stream's messages go back to the
-- same command. And a long stream is not read from its beginning.

-- Whether a command failed is what its error says.
ALTER TABLE messages DROP COLUMN status;
ALTER TABLE messages ADD COLUMN status TEXT
    GENERATED ALWAYS AS (CASE WHEN error IS NULL THEN 'completed' ELSE 'failed' END) VIRTUAL;

-- The command at the beginning of all that happened to a stream. A message's own correlation_id is null where it is
-- this one, and empty where it has none.
ALTER TABLE streams ADD COLUMN correlation_id TEXT;

-- Where the fold of a long stream begins: its newest snapshot. Nothing is told by it: what its messages amount to is
-- the same, read from the first one on.
CREATE TABLE snapshots (
    stream   INTEGER PRIMARY KEY REFERENCES streams (id),
    position INTEGER NOT NULL,            -- of the newest message that it has taken in
    program  TEXT    NOT NULL,            -- by which version it was folded: another folds anew
    data     TEXT    NOT NULL             -- JSON
) STRICT;

-- What undoes what it did is open, too.
DROP INDEX workflows_open;
CREATE INDEX workflows_open ON workflows (type, status)
    WHERE status IN ('running', 'undoing', 'interrupted', 'paused', 'cancelling', 'failed');

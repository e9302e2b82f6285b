-- Workspaces: folders in which the agents of a workflow work.

-- Read model: one row a workspace, keyed by its stream; its id is that of the workflow at the beginning of the
-- lineage. What was changed in it is read from its stream.
CREATE TABLE workspaces (
    stream      INTEGER PRIMARY KEY REFERENCES streams (id),
    id          TEXT    NOT NULL,
    folder      TEXT    NOT NULL,
    filled_from TEXT,               -- the workspace whose files it began with
    changes     INTEGER NOT NULL,   -- how many were made, undone ones and undoings included
    conflicts   INTEGER NOT NULL,   -- how many were not, because something was in their way
    error       TEXT,               -- why it has none of the files that it was to begin with
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

-- Where a workflow's agents work, as JSON {record, folder, within}; null: it has no workspace.
ALTER TABLE workflows ADD COLUMN workspace TEXT;

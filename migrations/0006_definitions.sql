-- Definitions of workflows that were registered while a server ran; those of files are not here.
CREATE TABLE definitions (
    name       TEXT    PRIMARY KEY,
    hash       TEXT    NOT NULL,           -- of its text
    text       TEXT    NOT NULL,           -- YAML, as it was given
    updated_at INTEGER NOT NULL,
    position   INTEGER NOT NULL            -- of the message that told of it: its revision
) STRICT;

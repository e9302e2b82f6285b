-- Content by hash AND place: everybody who needs it has a file and a row of their own, so that one's archive
-- is not moved or cleaned up under another's feet. Whoever reads asks for the hash and takes any place.
CREATE TABLE files_by_place (
    hash        TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    refs        INTEGER NOT NULL,         -- how many streams need it there
    released_at INTEGER,
    gone        INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1)),  -- it has expired: its file was removed
    PRIMARY KEY (hash, path)
) STRICT, WITHOUT ROWID;
INSERT INTO files_by_place (hash, path, bytes, refs, released_at, gone)
    SELECT hash, coalesce(path, ''), bytes, refs, released_at, path IS NULL FROM files;
DROP TABLE files;
ALTER TABLE files_by_place RENAME TO files;
CREATE INDEX files_path ON files (path) WHERE gone = 0;

-- What is remembered. An item whose content changes gets a new number: numbers only grow, so whoever
-- has come as far as a number has seen everything below it.
CREATE TABLE items (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    text       TEXT NOT NULL,
    metadata   TEXT NOT NULL CHECK (json_type(metadata) = 'object'),
    created_at INTEGER NOT NULL -- milliseconds since 1970, from the caller
) STRICT;

-- A model and its dimension. Vectors of different models cannot be compared, so each has its space.
-- `serving`: what is searched. `growing`: what is being filled, to serve next. `retired`: to be cleared away.
CREATE TABLE spaces (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    model     TEXT NOT NULL,
    dimension INTEGER NOT NULL CHECK (dimension > 0),
    role      TEXT NOT NULL CHECK (role IN ('serving', 'growing', 'retired'))
) STRICT;
CREATE UNIQUE INDEX one_space_a_role ON spaces (role) WHERE role <> 'retired';

-- The truth of which all indexes are made: little-endian 32-bit floats, one after the other.
CREATE TABLE vectors (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    item   INTEGER NOT NULL REFERENCES items (number) ON DELETE CASCADE,
    space  INTEGER NOT NULL REFERENCES spaces (number),
    vector BLOB NOT NULL,
    UNIQUE (item, space)
) STRICT;

-- What a model would not embed; it is not asked again.
CREATE TABLE refused (
    item   INTEGER NOT NULL REFERENCES items (number) ON DELETE CASCADE,
    space  INTEGER NOT NULL REFERENCES spaces (number),
    reason TEXT NOT NULL,
    PRIMARY KEY (item, space)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE words USING fts5 (
    text, content = 'items', content_rowid = 'number', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER item_comes AFTER INSERT ON items BEGIN
    INSERT INTO words (rowid, text) VALUES (new.number, new.text);
END;
CREATE TRIGGER item_goes AFTER DELETE ON items BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.number, old.text);
END;

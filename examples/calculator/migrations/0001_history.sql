-- Numbers are text: SQLite's REAL would round what decimal arithmetic calculated exactly.
CREATE TABLE history (
    id            INTEGER PRIMARY KEY,
    operation     TEXT NOT NULL CHECK (operation IN ('add', 'sub', 'mul', 'div')),
    a             TEXT NOT NULL,
    b             TEXT NOT NULL,
    result        TEXT NOT NULL,
    calculated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

-- What the guard rules ask for. Texts are never NULL; times are milliseconds since 1970.

-- +goose Up

-- One row: whoever decides by what was decided before locks it first, and so counts alone.
CREATE TABLE gate (
    id        BIGINT PRIMARY KEY,
    paused_by TEXT   NOT NULL,
    paused_at BIGINT
);

INSERT INTO gate (id, paused_by) VALUES (1, '');

-- Who paused and resumed all placing, and who banned a number and lifted that: only
-- added to. Of a number it keeps a keyed hash, so that a ban outlives its erasure.
CREATE TABLE orders (
    n      BIGINT PRIMARY KEY, -- in the order in which they were given
    at     BIGINT NOT NULL,
    kind   TEXT   NOT NULL, -- pause, resume, ban, allow
    actor  TEXT   NOT NULL,
    number TEXT   NOT NULL, -- the keyed hash; empty for pause and resume
    reason TEXT   NOT NULL
);

CREATE INDEX orders_number ON orders (number, n) WHERE number <> '';

-- The key of these hashes, made by whoever opens the database first.
CREATE TABLE hash_key (
    id  BIGINT PRIMARY KEY,
    key TEXT   NOT NULL
);

-- What people did lately. On calls each index more would cost the watch, which changes
-- thousands of rows at a time, and events of the watch are not in this one.
CREATE INDEX events_decided ON events (at) WHERE kind IN ('request', 'approve', 'schedule', 'begin');

-- +goose Down

DROP INDEX events_decided;
DROP TABLE hash_key;
DROP TABLE orders;
DROP TABLE gate;

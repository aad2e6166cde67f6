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

CREATE INDEX events_approvals ON events (at)           WHERE kind IN ('approve', 'schedule');
CREATE INDEX calls_requested  ON calls  (requested_at) WHERE requested_at IS NOT NULL;
CREATE INDEX calls_approved   ON calls  (approved_at)  WHERE approved_at IS NOT NULL;
CREATE INDEX calls_number     ON calls  (number, requested_at);

-- +goose Down

DROP INDEX calls_number;
DROP INDEX calls_approved;
DROP INDEX calls_requested;
DROP INDEX events_approvals;
DROP TABLE hash_key;
DROP TABLE orders;
DROP TABLE gate;

-- What was asked for and said is erased some time after a call. What stays of the number
-- is its masked form.

-- +goose Up

ALTER TABLE calls ADD COLUMN erased_at BIGINT;
ALTER TABLE calls ADD COLUMN erased_number TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN erased_region TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN erased_silent BOOLEAN NOT NULL DEFAULT FALSE;

-- The calls that are not erased yet. It is a table of its own since on calls an index more
-- would cost the watch, which changes thousands of rows at a time.
CREATE TABLE kept (
    call_id   TEXT    PRIMARY KEY REFERENCES calls (id),
    at        BIGINT  NOT NULL, -- nothing happened to it since, or, if forgotten, it was looked at last
    forgotten BOOLEAN NOT NULL  -- it is to be erased as soon as it is settled
);

CREATE INDEX kept_at ON kept (forgotten, at, call_id);

INSERT INTO kept (call_id, at, forgotten) SELECT id, COALESCE(requested_at, 0), FALSE FROM calls;

-- +goose Down

DROP TABLE kept;
ALTER TABLE calls DROP COLUMN erased_silent;
ALTER TABLE calls DROP COLUMN erased_region;
ALTER TABLE calls DROP COLUMN erased_number;
ALTER TABLE calls DROP COLUMN erased_at;

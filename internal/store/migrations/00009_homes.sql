-- Who looks at their own calls in one place, and whether that shows them as they are.

-- +goose Up

CREATE TABLE homes (
    user_id     TEXT    PRIMARY KEY,
    channel     TEXT    NOT NULL, -- their direct messages with the app
    opened_at   BIGINT  NOT NULL,
    due_at      BIGINT,           -- NULL: it shows the calls as they are
    stale       BOOLEAN NOT NULL, -- something changed since it was last claimed
    digest      TEXT    NOT NULL, -- of what it shows; empty: nothing
    lease_owner TEXT,
    lease_until BIGINT
);

CREATE INDEX homes_due ON homes (due_at) WHERE due_at IS NOT NULL;

-- Where the app has said what it does.
CREATE TABLE welcomes (
    conversation TEXT   PRIMARY KEY,
    at           BIGINT NOT NULL
);

-- +goose Down

DROP TABLE welcomes;
DROP TABLE homes;

-- One text for SQLite and Postgres: ids are TEXT, times BIGINT milliseconds since
-- 1970 in UTC and NULL where there is none, texts are never NULL.

-- +goose Up

CREATE TABLE calls (
    id                TEXT    PRIMARY KEY,
    version           BIGINT  NOT NULL,
    revision          BIGINT  NOT NULL,
    status            TEXT    NOT NULL,
    since             BIGINT,
    requester         TEXT    NOT NULL,
    number            TEXT    NOT NULL,
    extension         TEXT    NOT NULL,
    objective         TEXT    NOT NULL,
    business          TEXT    NOT NULL,
    website           TEXT    NOT NULL,
    requested_at      BIGINT,
    expires_at        BIGINT,
    approver          TEXT    NOT NULL,
    approved_at       BIGINT,
    decided_by        TEXT    NOT NULL,
    reason            TEXT    NOT NULL,
    detail            TEXT    NOT NULL,
    attempts          BIGINT  NOT NULL,
    rate_limited      BIGINT  NOT NULL,
    unreachable_since BIGINT,
    lost              BIGINT  NOT NULL,
    looks             BIGINT  NOT NULL,
    look_result       TEXT    NOT NULL,
    provider_id       TEXT    NOT NULL,
    accepted_at       BIGINT,
    dialing_at        BIGINT,
    answered_at       BIGINT,
    ended_at          BIGINT,
    last_seen         BIGINT,
    overdue           BOOLEAN NOT NULL,
    unwatched         BOOLEAN NOT NULL,
    outcome           TEXT    NOT NULL,
    summary           TEXT    NOT NULL,
    transcript        TEXT    NOT NULL,
    recording_url     TEXT    NOT NULL,
    duration          BIGINT  NOT NULL, -- milliseconds
    enriched          BIGINT  NOT NULL,
    other_provider_id    TEXT   NOT NULL, -- these are of the second call, where there is one
    other_status         TEXT   NOT NULL,
    other_accepted_at    BIGINT,
    other_ended_at       BIGINT,
    other_outcome        TEXT   NOT NULL,
    other_summary        TEXT   NOT NULL,
    other_transcript     TEXT   NOT NULL,
    other_recording_url  TEXT   NOT NULL,
    other_duration       BIGINT NOT NULL,
    other_enriched       BIGINT NOT NULL,
    further_provider_ids TEXT   NOT NULL,
    due_at            BIGINT,
    lease_owner       TEXT,
    lease_until       BIGINT
);

-- At most one call per number is placing or unconfirmed, whoever asks at the same time.
CREATE UNIQUE INDEX calls_number_busy ON calls (number) WHERE status IN ('placing', 'unconfirmed');

CREATE INDEX calls_due      ON calls (status, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX calls_queue    ON calls (approved_at, id)    WHERE status IN ('approved', 'placing');
CREATE INDEX calls_active   ON calls (unwatched, status)  WHERE status IN ('queued', 'dialing', 'in_progress');
CREATE INDEX calls_leased   ON calls (lease_until)        WHERE lease_until IS NOT NULL;
CREATE INDEX calls_provider ON calls (provider_id)        WHERE provider_id <> '';
CREATE INDEX calls_doubled  ON calls (other_provider_id)  WHERE other_provider_id <> '';

-- The audit log. It never holds content: objective, summary, transcript, detail. An event
-- is written by the transaction that writes its call; to have that checked would cost a
-- tick of the watch, which may write thousands, a fifth of its time on Postgres.
CREATE TABLE events (
    call_id     TEXT   NOT NULL,
    version     BIGINT NOT NULL, -- of the call after the event
    at          BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    actor       TEXT   NOT NULL,
    from_status TEXT   NOT NULL, -- empty for the first
    to_status   TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    attempt     BIGINT NOT NULL, -- 0 where none is meant
    PRIMARY KEY (call_id, version)
);

CREATE TABLE attempts (
    call_id     TEXT   NOT NULL REFERENCES calls (id),
    n           BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    deadline    BIGINT,
    answered_at BIGINT,
    fate        TEXT   NOT NULL, -- empty: unanswered
    provider_id TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    detail      TEXT   NOT NULL,
    credits     BIGINT,
    wait        BIGINT NOT NULL, -- milliseconds
    PRIMARY KEY (call_id, n)
);

CREATE INDEX attempts_provider ON attempts (provider_id) WHERE provider_id <> '';
CREATE INDEX attempts_credits  ON attempts (answered_at) WHERE credits IS NOT NULL;

-- What was taken in already. The call is written later in the same transaction.
CREATE TABLE intake (
    key     TEXT   PRIMARY KEY,
    call_id TEXT   NOT NULL REFERENCES calls (id) DEFERRABLE INITIALLY DEFERRED,
    at      BIGINT NOT NULL
);

CREATE INDEX intake_at ON intake (at);

CREATE TABLE publications (
    call_id      TEXT    PRIMARY KEY REFERENCES calls (id),
    publish_at   BIGINT,           -- NULL: people see the call as it is
    urgency      BIGINT  NOT NULL, -- 0 before 1
    stale        BOOLEAN NOT NULL, -- something changed since it was last claimed
    conversation TEXT    NOT NULL,
    thread       TEXT    NOT NULL,
    reply        TEXT    NOT NULL, -- a secret
    lease_owner  TEXT,
    lease_until  BIGINT
);

CREATE INDEX publications_due ON publications (urgency, publish_at, call_id) WHERE publish_at IS NOT NULL;

CREATE TABLE messages (
    call_id TEXT   NOT NULL REFERENCES publications (call_id),
    slot    TEXT   NOT NULL,
    channel TEXT   NOT NULL,
    thread  TEXT   NOT NULL,
    ts      TEXT   NOT NULL,
    file    TEXT   NOT NULL,
    digest  TEXT   NOT NULL,
    sent_at BIGINT,
    tries   BIGINT NOT NULL,
    PRIMARY KEY (call_id, slot)
);

-- The requests that were made with the provider's key.
CREATE TABLE requests (
    id       TEXT   PRIMARY KEY,
    purpose  TEXT   NOT NULL,
    taken_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX requests_end ON requests (COALESCE(ended_at, deadline));

-- One row: whoever takes a request locks it first, and so counts alone.
CREATE TABLE budget (
    id            BIGINT PRIMARY KEY,
    taken_at      BIGINT, -- the last request
    blocked_until BIGINT
);

INSERT INTO budget (id) VALUES (1);

CREATE TABLE ticks (
    name        TEXT   PRIMARY KEY,
    not_before  BIGINT,
    lease_owner TEXT,
    lease_until BIGINT
);

-- +goose Down

DROP TABLE ticks;
DROP TABLE budget;
DROP TABLE requests;
DROP TABLE messages;
DROP TABLE publications;
DROP TABLE intake;
DROP TABLE attempts;
DROP TABLE events;
DROP TABLE calls;

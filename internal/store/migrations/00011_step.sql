-- An active call stands in no index that goes by its status or by when it is due: what
-- there is goes by copies that such a call does not have. So Postgres can put a row that
-- the watch changes beside the old one, and leaves all indexes alone.

-- +goose Up

ALTER TABLE calls ADD COLUMN step    TEXT NOT NULL DEFAULT ''; -- the status; empty while the call is active
ALTER TABLE calls ADD COLUMN step_at BIGINT;                   -- due_at; NULL while the call is active
UPDATE calls SET step = status, step_at = due_at WHERE status NOT IN ('queued', 'dialing', 'in_progress');

DROP INDEX calls_number_busy;
DROP INDEX calls_due;
DROP INDEX calls_queue;
DROP INDEX calls_active;
DROP INDEX calls_provider;

-- At most one call per number is placing or unconfirmed, whoever asks at the same time.
CREATE UNIQUE INDEX calls_number_busy ON calls (number) WHERE step IN ('placing', 'unconfirmed');

CREATE INDEX calls_due   ON calls (step, step_at, id) WHERE step_at IS NOT NULL;
CREATE INDEX calls_queue ON calls (approved_at, id)   WHERE step IN ('approved', 'placing');

-- With all that is asked of active calls, SQLite counts in this one alone.
CREATE INDEX calls_active   ON calls (provider_id, ended_at, unwatched) WHERE provider_id <> '' AND ended_at IS NULL;
CREATE INDEX calls_provider ON calls (provider_id)                      WHERE provider_id <> '' AND ended_at IS NOT NULL;

-- +goose Down

DROP INDEX calls_provider;
DROP INDEX calls_active;
DROP INDEX calls_queue;
DROP INDEX calls_due;
DROP INDEX calls_number_busy;

ALTER TABLE calls DROP COLUMN step_at;
ALTER TABLE calls DROP COLUMN step;

CREATE UNIQUE INDEX calls_number_busy ON calls (number) WHERE status IN ('placing', 'unconfirmed');

CREATE INDEX calls_due ON calls (status, due_at, id)
    WHERE due_at IS NOT NULL AND status <> 'queued' AND status <> 'dialing' AND status <> 'in_progress';
CREATE INDEX calls_queue    ON calls (approved_at, id) WHERE status IN ('approved', 'placing');
CREATE INDEX calls_active   ON calls (provider_id, ended_at, unwatched) WHERE provider_id <> '' AND ended_at IS NULL AND NOT unwatched;
CREATE INDEX calls_provider ON calls (provider_id) WHERE provider_id <> '' AND NOT (ended_at IS NULL AND NOT unwatched);

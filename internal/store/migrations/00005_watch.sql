-- The watch changes thousands of calls at a time, and what that costs is mostly what the
-- indexes cost in which they stand. So an active call stands in one beside its key, and
-- in none that goes by what the watch changes: its status, and when it is due.

-- +goose Up

DROP INDEX calls_active;
DROP INDEX calls_provider;
-- With all that its condition names, SQLite counts in it alone.
CREATE INDEX calls_active ON calls (provider_id, ended_at, unwatched) WHERE provider_id <> '' AND ended_at IS NULL AND NOT unwatched;
CREATE INDEX calls_provider ON calls (provider_id) WHERE provider_id <> '' AND NOT (ended_at IS NULL AND NOT unwatched);

DROP INDEX calls_due;
CREATE INDEX calls_due ON calls (status, due_at, id)
    WHERE due_at IS NOT NULL AND status <> 'queued' AND status <> 'dialing' AND status <> 'in_progress';

-- +goose Down

DROP INDEX calls_due;
CREATE INDEX calls_due ON calls (status, due_at, id) WHERE due_at IS NOT NULL;

DROP INDEX calls_provider;
DROP INDEX calls_active;
CREATE INDEX calls_active   ON calls (unwatched, status) WHERE status IN ('queued', 'dialing', 'in_progress');
CREATE INDEX calls_provider ON calls (provider_id)       WHERE provider_id <> '';

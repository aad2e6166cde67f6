-- An approval may be for a time, and may say that quiet hours do not count.

-- +goose Up

ALTER TABLE calls ADD COLUMN start_at BIGINT;
ALTER TABLE calls ADD COLUMN anyway BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down

ALTER TABLE calls DROP COLUMN anyway;
ALTER TABLE calls DROP COLUMN start_at;

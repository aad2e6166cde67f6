-- Whether a message may show something else than what was last sent there: a request whose
-- fate nobody knows may have changed it.

-- +goose Up

ALTER TABLE messages ADD COLUMN doubtful BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down

ALTER TABLE messages DROP COLUMN doubtful;

-- Of a message that may show something else than what was last sent there: from when on
-- no request can change it any more whose fate nobody knows, so that it is sent once more.

-- +goose Up

ALTER TABLE messages ADD COLUMN doubt_until BIGINT;

-- +goose Down

ALTER TABLE messages DROP COLUMN doubt_until;

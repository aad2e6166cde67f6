-- What a call is about may be for some people alone. Calls from before are for all.

-- +goose Up

ALTER TABLE calls ADD COLUMN private BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down

ALTER TABLE calls DROP COLUMN private;

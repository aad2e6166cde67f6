-- What the agent says first, as the card showed it. Calls from before have none.

-- +goose Up

ALTER TABLE calls ADD COLUMN disclosure TEXT NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE calls DROP COLUMN disclosure;

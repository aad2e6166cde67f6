-- A workflow may ask for a call, and wait for its end. Then nobody is its requester.

-- +goose Up

ALTER TABLE calls ADD COLUMN decider TEXT NOT NULL DEFAULT '';     -- who alone may approve it; empty: whoever may
ALTER TABLE publications ADD COLUMN step TEXT NOT NULL DEFAULT ''; -- what waits for its end; empty: nothing

-- +goose Down

ALTER TABLE publications DROP COLUMN step;
ALTER TABLE calls DROP COLUMN decider;

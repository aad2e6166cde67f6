-- Where calls are found again: under the conversation that one was asked for in, and under
-- each person who asked for it or approved it. No row ever changes: to have this as an
-- index on calls or on publications would cost the watch, which changes thousands of both.

-- +goose Up

CREATE TABLE listings (
    found_under TEXT   NOT NULL, -- "in:" and a conversation, or "by:" and a person
    asked_at    BIGINT NOT NULL,
    call_id     TEXT   NOT NULL REFERENCES calls (id),
    PRIMARY KEY (found_under, asked_at, call_id)
);

INSERT INTO listings (found_under, asked_at, call_id)
    SELECT 'in:' || p.conversation, COALESCE(c.requested_at, 0), c.id
    FROM calls c JOIN publications p ON p.call_id = c.id WHERE p.conversation <> ''
    UNION SELECT 'by:' || requester, COALESCE(requested_at, 0), id FROM calls
    UNION SELECT 'by:' || approver, COALESCE(requested_at, 0), id FROM calls WHERE approver <> '';

-- +goose Down

DROP TABLE listings;

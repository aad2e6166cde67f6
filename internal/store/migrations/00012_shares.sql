-- Where people wanted the summary of a call to be shown too.

-- +goose Up

CREATE TABLE shares (
    call_id      TEXT   NOT NULL REFERENCES calls (id),
    conversation TEXT   NOT NULL,
    by_user      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (call_id, conversation)
);

-- +goose Down

DROP TABLE shares;

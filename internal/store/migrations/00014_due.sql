-- What the watch found out of many calls at once is one row here, so that whoever waits for
-- the watch does not wait for as many changes of the publications' index.

-- +goose Up

CREATE TABLE due (
    id    TEXT   PRIMARY KEY,
    at    BIGINT NOT NULL,
    calls TEXT   NOT NULL -- JSON: the urgency and the version of each call, by its id
);

-- +goose Down

DROP TABLE due;

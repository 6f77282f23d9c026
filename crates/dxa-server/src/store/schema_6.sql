-- What scanners told in messages, by the study that it is of; how many objects a study has of what is ordered.

CREATE TABLE reported (
    id {id},
    message BIGINT NOT NULL REFERENCES messages (id),
    sender TEXT NOT NULL,
    study TEXT,
    body TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX reported_by_study ON reported (study, id);
CREATE INDEX reported_by_message ON reported (message);

ALTER TABLE orders ADD COLUMN instances BIGINT;

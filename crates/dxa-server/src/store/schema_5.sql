-- What people say of a study beside its result: comments, and what a second physician reads on its images.

CREATE TABLE comments (
    id {id},
    study TEXT NOT NULL REFERENCES studies (uid),
    version BIGINT NOT NULL,
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX comments_by_study ON comments (study, id);

CREATE TABLE readings (
    id {id},
    study TEXT NOT NULL REFERENCES studies (uid),
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (study, version, author)
);

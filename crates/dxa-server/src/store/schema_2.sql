-- The storage commitment that an archive was asked for, and the studies that were fetched from archives.

ALTER TABLE deliveries ADD COLUMN commitment TEXT;
CREATE INDEX deliveries_by_commitment ON deliveries (destination, state, commitment);

CREATE TABLE fetched (
    study TEXT PRIMARY KEY,
    for_study TEXT NOT NULL,
    archive TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

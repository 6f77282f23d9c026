-- What the quality room counts of the newest result of each study, so that no result has to be read for it.

CREATE TABLE scanners (
    id {id},
    manufacturer TEXT NOT NULL,
    model TEXT NOT NULL,
    station TEXT NOT NULL,
    serial TEXT NOT NULL,
    UNIQUE (manufacturer, model, station, serial)
);

CREATE TABLE quality_scans (
    study TEXT NOT NULL,
    scan BIGINT NOT NULL,
    scanner BIGINT NOT NULL,
    patient TEXT NOT NULL,
    day TEXT NOT NULL,
    phantom BIGINT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (study, scan)
);
CREATE INDEX quality_scans_by_day ON quality_scans (phantom, day);

CREATE TABLE quality_studies (
    study TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    form BIGINT NOT NULL,
    arrived_at BIGINT NOT NULL,
    analyzed_at BIGINT
);
CREATE INDEX quality_studies_by_time ON quality_studies (analyzed_at);

CREATE INDEX deliveries_by_state ON deliveries (destination, state, created_at);

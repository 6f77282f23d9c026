-- Tables of the store. `{blob}`, `{id}` and `{nulls_last}` stand for the words of the engine; times are Unix milliseconds.

CREATE TABLE segments (
    name TEXT PRIMARY KEY,
    indexed_to BIGINT NOT NULL,
    sealed BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE patients (
    id TEXT PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    patient_id TEXT,
    issuer TEXT,
    name TEXT,
    birth_date TEXT,
    sex TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX patients_by_patient_id ON patients (patient_id);
CREATE INDEX patients_by_name ON patients (name);

CREATE TABLE studies (
    uid TEXT PRIMARY KEY,
    patient TEXT NOT NULL REFERENCES patients (id),
    patient_mismatch BIGINT NOT NULL DEFAULT 0,
    study_date TEXT,
    study_time TEXT,
    accession_number TEXT,
    study_id TEXT,
    description TEXT,
    referring_physician TEXT,
    tags TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    arrived_at BIGINT NOT NULL,
    arrivals BIGINT NOT NULL,
    state TEXT NOT NULL,
    failure TEXT,
    version BIGINT NOT NULL DEFAULT 0,
    revision BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX studies_by_patient ON studies (patient);
CREATE INDEX studies_by_date ON studies (study_date DESC{nulls_last}, uid);
CREATE INDEX studies_by_accession ON studies (accession_number);
CREATE INDEX studies_by_arrival ON studies (arrived_at);
CREATE INDEX studies_by_state ON studies (state);

CREATE TABLE series (
    uid TEXT NOT NULL,
    study TEXT NOT NULL REFERENCES studies (uid),
    modality TEXT,
    series_number BIGINT,
    description TEXT,
    body_part TEXT,
    laterality TEXT,
    tags TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (study, uid)
);
CREATE INDEX series_by_uid ON series (uid);

CREATE TABLE instances (
    uid TEXT PRIMARY KEY,
    sop_class TEXT NOT NULL,
    study TEXT NOT NULL REFERENCES studies (uid),
    series TEXT NOT NULL,
    patient TEXT NOT NULL,
    instance_number BIGINT,
    transfer_syntax TEXT NOT NULL,
    rows_px BIGINT,
    columns_px BIGINT,
    frames BIGINT,
    digest TEXT NOT NULL,
    segment TEXT NOT NULL,
    position BIGINT NOT NULL,
    length BIGINT NOT NULL,
    crc BIGINT NOT NULL,
    tags TEXT NOT NULL,
    source TEXT NOT NULL,
    unreadable TEXT,
    damaged BIGINT NOT NULL DEFAULT 0,
    arrived_at BIGINT NOT NULL
);
CREATE INDEX instances_by_series ON instances (study, series, instance_number);
CREATE INDEX instances_by_segment ON instances (segment);

CREATE TABLE quarantine (
    id TEXT PRIMARY KEY,
    uid TEXT NOT NULL,
    study TEXT,
    digest TEXT NOT NULL,
    segment TEXT NOT NULL,
    position BIGINT NOT NULL,
    length BIGINT NOT NULL,
    crc BIGINT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    arrived_at BIGINT NOT NULL,
    UNIQUE (uid, digest)
);

CREATE TABLE expected (
    study TEXT PRIMARY KEY,
    instances BIGINT,
    uids TEXT,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE jobs (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    generation BIGINT NOT NULL DEFAULT 1,
    not_before BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until BIGINT,
    failure TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX jobs_due ON jobs (state, not_before);

CREATE TABLE results (
    study TEXT NOT NULL REFERENCES studies (uid),
    version BIGINT NOT NULL,
    supersedes BIGINT,
    state TEXT NOT NULL,
    json TEXT NOT NULL,
    inputs_sha256 TEXT NOT NULL,
    protocol_sha256 TEXT NOT NULL,
    software TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    summary TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (study, version)
);
CREATE INDEX results_by_time ON results (created_at);

CREATE TABLE documents (
    study TEXT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    number BIGINT NOT NULL DEFAULT 0,
    language TEXT NOT NULL DEFAULT 'en',
    media_type TEXT NOT NULL,
    sop_class TEXT,
    uid TEXT,
    sha256 TEXT NOT NULL,
    body {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (study, version, kind, number, language)
);

CREATE TABLE corrections (
    id {id},
    study TEXT NOT NULL REFERENCES studies (uid),
    base_version BIGINT NOT NULL,
    target TEXT NOT NULL,
    body TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX corrections_by_study ON corrections (study, id);

CREATE TABLE signatures (
    id {id},
    study TEXT NOT NULL REFERENCES studies (uid),
    version BIGINT NOT NULL,
    action TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX signatures_by_study ON signatures (study, id);

CREATE TABLE patient_context (
    id {id},
    patient TEXT NOT NULL REFERENCES patients (id),
    body TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX patient_context_by_patient ON patient_context (patient, id);

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    version BIGINT NOT NULL,
    destination TEXT NOT NULL,
    protocol TEXT NOT NULL,
    kind TEXT NOT NULL,
    number BIGINT NOT NULL DEFAULT 0,
    uid TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    last_answer TEXT,
    first_attempt_at BIGINT,
    last_attempt_at BIGINT,
    delivered_at BIGINT,
    committed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (study, version, destination, kind, number)
);
CREATE INDEX deliveries_due ON deliveries (state, next_at);
CREATE INDEX deliveries_by_study ON deliveries (study, version);
CREATE INDEX deliveries_by_destination ON deliveries (destination, created_at);

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX audit_unsent ON audit (sent_at, seq);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT,
    password TEXT,
    roles TEXT NOT NULL,
    subject TEXT UNIQUE,
    failures BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT,
    disabled_at BIGINT,
    password_changed_at BIGINT,
    last_login_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    used_at BIGINT
);

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    data TEXT
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE commitments (
    transaction_uid TEXT NOT NULL,
    direction TEXT NOT NULL,
    peer TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (direction, transaction_uid)
);

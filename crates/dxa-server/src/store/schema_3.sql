-- The resources of FHIR that are read one by one, facts that record systems told, and what became of their messages.

CREATE TABLE fhir_resources (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    study TEXT NOT NULL,
    patient TEXT,
    status TEXT,
    day TEXT,
    codes TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (type, id)
);
CREATE INDEX fhir_by_patient ON fhir_resources (type, patient, day DESC{nulls_last}, id);
CREATE INDEX fhir_by_day ON fhir_resources (type, day DESC{nulls_last}, id);
CREATE INDEX fhir_by_update ON fhir_resources (type, updated_at);
CREATE INDEX fhir_by_study ON fhir_resources (study);

CREATE TABLE fhir_identifiers (
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    system TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (type, value, system, id)
);

CREATE TABLE messages (
    id {id},
    sender TEXT NOT NULL,
    control_id TEXT NOT NULL,
    type TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    patient_id TEXT,
    issuer TEXT,
    birth_date TEXT,
    sex TEXT,
    facts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (sender, control_id, digest)
);
CREATE INDEX messages_waiting ON messages (state, patient_id);

CREATE TABLE orders (
    study TEXT NOT NULL,
    accession_number TEXT NOT NULL,
    placer TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    state TEXT NOT NULL,
    procedure TEXT,
    scheduled TEXT,
    sender TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (sender, placer, accession_number)
);
CREATE INDEX orders_by_accession ON orders (accession_number);
CREATE INDEX orders_by_study ON orders (study);

-- When the facts of a patient were so, by key, where that is not when they were told.

ALTER TABLE patient_context ADD COLUMN dates TEXT;
ALTER TABLE messages ADD COLUMN dates TEXT;

-- The patient numbers of a message that waits, and those of an order: a person may have several, and any may be that of
-- the scanners.

CREATE TABLE message_numbers (
    message BIGINT NOT NULL REFERENCES messages (id),
    patient_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    PRIMARY KEY (message, patient_id, issuer)
);
CREATE INDEX message_numbers_by_number ON message_numbers (patient_id);
INSERT INTO message_numbers (message, patient_id, issuer) SELECT id, patient_id, COALESCE(issuer, '')
    FROM messages WHERE state = 'waiting' AND patient_id IS NOT NULL;
DROP INDEX messages_waiting;
ALTER TABLE messages DROP COLUMN patient_id;
ALTER TABLE messages DROP COLUMN issuer;

CREATE TABLE order_numbers (
    sender TEXT NOT NULL,
    placer TEXT NOT NULL,
    accession_number TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    PRIMARY KEY (sender, placer, accession_number, patient_id)
);
INSERT INTO order_numbers (sender, placer, accession_number, patient_id)
    SELECT sender, placer, accession_number, patient_id FROM orders WHERE patient_id <> '';
ALTER TABLE orders DROP COLUMN patient_id;
ALTER TABLE orders DROP COLUMN issuer;

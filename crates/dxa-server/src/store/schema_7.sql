-- When the facts of a patient were so, by key, where that is not when they were told.

ALTER TABLE patient_context ADD COLUMN dates TEXT;
ALTER TABLE messages ADD COLUMN dates TEXT;

-- Who gave the placer's number of an order, and the number of whoever carries it out, so that a result answers with both.

ALTER TABLE orders ADD COLUMN placer_authority TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN filler TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN filler_authority TEXT NOT NULL DEFAULT '';

-- What a record system was told of, without what was said: enough to take it back, and read at every attempt of a newer
-- version.

ALTER TABLE deliveries ADD COLUMN stated {blob};

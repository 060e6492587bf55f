-- Delivery by several nodes, and what of it outlives a restart.

-- Deliveries behind the cursor that were tried in vain, so that a restart does not begin their retry window anew: pairs
-- `number:first try in UTC milliseconds` separated by commas; each holds for what lies between the pair before it and its number.
ALTER TABLE lanes ADD COLUMN tried @text NOT NULL DEFAULT '';

-- Nodes that deliver, so that each takes its share of the lanes. A node that has not been seen for some seconds does not count.
CREATE TABLE nodes (
    name @text PRIMARY KEY NOT NULL,
    seen_at @int NOT NULL
) @keyed;

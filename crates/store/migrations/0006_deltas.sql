-- What was not sent because Braze had it already. The words with @ are explained in 0001_base.sql.

-- Several rows a lane, so that batches that are accepted at the same time do not wait for one another to count.
CREATE TABLE values_saved (
    lane_id @int NOT NULL,
    bucket @int NOT NULL,
    saved @int NOT NULL,
    PRIMARY KEY (lane_id, bucket)
) @keyed;

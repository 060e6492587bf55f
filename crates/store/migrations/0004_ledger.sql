-- The ledger: what is asked of deliveries after the fact, and history that is sent into a connection later.

-- "Where is Ann's entry?": contact, then her entries and deliveries. New contacts come in the order of their ids, so that both
-- indexes grow at their end; only who comes back is written in the middle.
CREATE INDEX entries_by_contact ON entries (contact_id, id);
CREATE INDEX deliveries_by_contact ON deliveries (contact_id, seq);
-- Exceptions are few: these cost the hot path nothing.
CREATE INDEX delivery_exceptions_by_code ON delivery_exceptions (state, code, lane_id, seq);

-- state `replaced`: the delivery that was made instead; NULL when nothing was left to send.
ALTER TABLE delivery_exceptions ADD COLUMN replaced_by @int;

-- How many deliveries the cursor has passed: counted as it moves, so that nobody has to count millions of rows.
ALTER TABLE lanes ADD COLUMN passed @int NOT NULL DEFAULT 0;

-- A call carries all deliveries of its lane between its first and its last one, or else exactly those that are listed here.
ALTER TABLE calls ADD COLUMN listed @int NOT NULL DEFAULT 0;
CREATE TABLE call_items (
    lane_id @int NOT NULL,
    seq @int NOT NULL,
    call_seq @int NOT NULL,
    PRIMARY KEY (lane_id, seq, call_seq)
) @keyed;

-- History on its way into a connection, contact by contact in the order of their ids.
CREATE TABLE backfills (
    id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    connection_id @id NOT NULL REFERENCES connections (id),
    -- running, paused, done, cancelled, failed
    state @text NOT NULL,
    -- Ids of cards, separated by commas; NULL: all.
    cards @text,
    -- Only entries accepted from here on, and before there; NULL: no bound.
    from_at @int,
    to_at @int,
    -- The last contact that was dealt with.
    position @id,
    done @int NOT NULL,
    total @int NOT NULL,
    deliveries @int NOT NULL,
    objects @int NOT NULL,
    -- Milliseconds that were spent working, waiting for live deliveries included, pauses not.
    active_ms @int NOT NULL,
    -- Why it stands still or has failed: a sentence.
    detail @text NOT NULL,
    owner @text,
    fence @int NOT NULL,
    leased_until @int NOT NULL,
    created_at @int NOT NULL,
    updated_at @int NOT NULL,
    finished_at @int
) @strict;
CREATE INDEX backfills_by_connection ON backfills (connection_id, created_at);
CREATE INDEX backfills_by_state ON backfills (state);

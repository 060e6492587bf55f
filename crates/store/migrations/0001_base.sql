-- The base of everything. One text for both engines; words with @ are the types:
-- @id a UUID, @int a 64-bit integer (also booleans, and times as UTC milliseconds), @text, @bytes, @seq a number given by the
-- database in rising order (SQLite gives the highest number plus one: the newest row of such a table is never deleted), @strict a table with checked types and a row number, @keyed one that is stored in the order of its key.

CREATE TABLE workspaces (
    id @id PRIMARY KEY NOT NULL,
    name @text NOT NULL,
    created_at @int NOT NULL
) @strict;

-- The draft is what the marketer works on; participants only ever see a publication.
CREATE TABLE hubs (
    id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    slug @text NOT NULL UNIQUE,
    draft @text NOT NULL,
    revision @int NOT NULL,
    published_version @int,
    created_at @int NOT NULL,
    updated_at @int NOT NULL
) @strict;
CREATE INDEX hubs_by_workspace ON hubs (workspace_id);

CREATE TABLE publications (
    hub_id @id NOT NULL REFERENCES hubs (id),
    version @int NOT NULL,
    document @text NOT NULL,
    content_hash @text NOT NULL,
    created_at @int NOT NULL,
    PRIMARY KEY (hub_id, version)
) @keyed;

-- A card's identity over all publications: entries and plays hang on it.
CREATE TABLE cards (
    id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    hub_id @id NOT NULL REFERENCES hubs (id),
    key @text NOT NULL,
    UNIQUE (hub_id, key)
) @strict;

-- Pictures by the hash of their content: a new picture is a new address, so they can be cached for ever.
CREATE TABLE images (
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    hash @text NOT NULL,
    media_type @text NOT NULL,
    content @bytes NOT NULL,
    created_at @int NOT NULL,
    PRIMARY KEY (workspace_id, hash)
) @strict;

CREATE TABLE connections (
    id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    hub_id @id NOT NULL REFERENCES hubs (id),
    key @text NOT NULL,
    -- Endpoint, user mapping, field mapping: one JSON object. It takes effect when it is saved, not when the hub is published.
    document @text NOT NULL,
    -- The key of the other side, sealed with the installation's secret key; NULL until one is given.
    sealed_key @bytes,
    -- Rises with every change that workers must notice: key, pause, how it is sent.
    revision @int NOT NULL,
    -- Rises when everything is to be sent again, whatever has been sent before: another account, or because it was asked for.
    resend_epoch @int NOT NULL,
    paused_code @text,
    paused_reason @text,
    paused_at @int,
    -- Taken away: nothing is planned for it any more, what is queued waits, its history stays.
    removed_at @int,
    created_at @int NOT NULL,
    UNIQUE (hub_id, key)
) @strict;

-- The tables below are written by every entry. They carry no foreign keys: each id in them was read or made in the same
-- transaction, and a check a row would cost the hot path more than the row itself. On SQLite each is one tree in the order of
-- its key, and ids rise with time, so that a batch of entries touches few pages.

CREATE TABLE contacts (
    id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    state @text NOT NULL,
    properties @text NOT NULL,
    -- What each connection has been sent of this person, by fingerprints (`engage::mapping::sent`); NULL: nothing is known.
    sent @text,
    created_at @int NOT NULL,
    updated_at @int NOT NULL
) @keyed;

-- How a contact is found: by e-mail address in lower case, by phone number in E.164.
CREATE TABLE contact_keys (
    workspace_id @id NOT NULL,
    kind @text NOT NULL,
    value @text NOT NULL,
    contact_id @id NOT NULL,
    -- When who carries this identifier has entered which card, where the card counts by it: `card=moment,moment;card=moment`,
    -- UTC milliseconds, only those that still count. Here and not in a table of its own, because these rows lie in no order of
    -- time: one page to read and write for an entry instead of two.
    entered @text NOT NULL,
    PRIMARY KEY (workspace_id, kind, value)
) @keyed;

CREATE TABLE entries (
    id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL,
    card_id @id NOT NULL,
    contact_id @id NOT NULL,
    -- The same submission sent twice carries the same key; the fingerprint tells a repetition from another submission. NULL:
    -- it came without a key and can't be told from a second one.
    submission_key @bytes,
    fingerprint @bytes NOT NULL,
    status @text NOT NULL,
    play_id @id,
    -- One JSON object: fields, parameters, locale.
    content @text NOT NULL,
    accepted_at @int NOT NULL
) @keyed;
CREATE UNIQUE INDEX entries_by_submission ON entries (card_id, submission_key);

-- When a person (the hash of the fields that make two entries the same person) has entered a card.
CREATE TABLE entry_persons (
    card_id @id NOT NULL,
    person @bytes NOT NULL,
    -- Comma-separated UTC milliseconds, only those that still count.
    times @text NOT NULL,
    PRIMARY KEY (card_id, person)
) @keyed;

CREATE TABLE plays (
    id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL,
    card_id @id NOT NULL,
    contact_id @id,
    entry_id @id,
    state @text NOT NULL,
    -- One JSON object: what the play can tell.
    facts @text NOT NULL,
    started_at @int NOT NULL,
    finished_at @int
) @keyed;

CREATE TABLE tallies (
    card_id @id NOT NULL,
    question @text NOT NULL,
    choice @text NOT NULL,
    votes @int NOT NULL,
    PRIMARY KEY (card_id, question, choice)
) @keyed;

-- The exact words that were shown; kept once.
CREATE TABLE consent_texts (
    hash @bytes PRIMARY KEY NOT NULL,
    content @text NOT NULL
) @keyed;

CREATE TABLE consents (
    workspace_id @id NOT NULL,
    contact_id @id NOT NULL,
    entry_id @id NOT NULL,
    key @text NOT NULL,
    subscription @text,
    given @int NOT NULL,
    version @text NOT NULL,
    text_hash @bytes NOT NULL,
    locale @text NOT NULL,
    recorded_at @int NOT NULL,
    PRIMARY KEY (contact_id, entry_id, key)
) @keyed;

-- A connection's deliveries are spread over lanes by a hash of the contact. The cursor says how far a lane has been dealt with.
CREATE TABLE lanes (
    id @seq,
    connection_id @id NOT NULL REFERENCES connections (id),
    number @int NOT NULL,
    cursor @int NOT NULL,
    owner @text,
    fence @int NOT NULL,
    leased_until @int NOT NULL,
    UNIQUE (connection_id, number)
) @strict;

-- A log that is only appended to, in the entry's transaction. A delivered row costs no further write.
CREATE TABLE deliveries (
    seq @seq,
    lane_id @int NOT NULL,
    contact_id @id NOT NULL,
    entry_id @id,
    -- Complete JSON objects ready to be sent; events and purchases separated by commas.
    attributes @text,
    events @text NOT NULL,
    event_count @int NOT NULL,
    purchases @text NOT NULL,
    purchase_count @int NOT NULL,
    -- A call of its own instead of the above: its kind's stable code and its JSON body. NULL: the above go to /users/track.
    call_kind @text,
    call_body @text,
    created_at @int NOT NULL
) @strict;
CREATE INDEX deliveries_by_lane ON deliveries (lane_id, seq);

-- Deliveries at or below the cursor that are not simply delivered.
CREATE TABLE delivery_exceptions (
    lane_id @int NOT NULL,
    seq @int NOT NULL,
    contact_id @id NOT NULL,
    state @text NOT NULL,
    -- One letter an object: o open, d delivered, r refused, u unknown. Empty: all open.
    marks @text NOT NULL,
    attempts @int NOT NULL,
    first_tried_at @int,
    -- retrying: not before this moment.
    due_at @int,
    -- parked: the reason's stable code.
    code @text,
    -- The other side's own words.
    detail @text NOT NULL,
    updated_at @int NOT NULL,
    PRIMARY KEY (lane_id, seq)
) @keyed;
CREATE INDEX delivery_exceptions_by_state ON delivery_exceptions (state, lane_id, seq);

-- Every call that was made, with what came back.
CREATE TABLE calls (
    seq @seq,
    lane_id @int NOT NULL,
    first_seq @int NOT NULL,
    last_seq @int NOT NULL,
    items @int NOT NULL,
    objects @int NOT NULL,
    status @int,
    outcome @text NOT NULL,
    message @text NOT NULL,
    started_at @int NOT NULL,
    millis @int NOT NULL
) @strict;
CREATE INDEX calls_by_lane ON calls (lane_id, first_seq);

-- A number that rises whenever something changed that servers keep in memory.
CREATE TABLE changes (
    name @text PRIMARY KEY NOT NULL,
    version @int NOT NULL
) @keyed;
INSERT INTO changes (name, version) VALUES ('hubs', 1);

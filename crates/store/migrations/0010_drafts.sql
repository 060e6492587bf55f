-- Drafts that are edited in the studio. The words with @ are explained in 0001_base.sql.

-- What a hub's draft was after each change: the newest ones, so that a change can be taken back and made again.
CREATE TABLE draft_steps (
    hub_id @id NOT NULL REFERENCES hubs (id),
    step @int NOT NULL,
    document @text NOT NULL,
    -- What was changed, in the words of the button that takes it back; empty for what was there before.
    words @text NOT NULL,
    member_id @id,
    made_at @int NOT NULL,
    PRIMARY KEY (hub_id, step)
) @keyed;

-- At which of its steps the draft is.
ALTER TABLE hubs ADD COLUMN draft_step @int NOT NULL DEFAULT 0;
-- An archived hub is out of sight for participants and in the studio's list, and can be brought back as it was.
ALTER TABLE hubs ADD COLUMN archived_at @int;

-- Browsers that have answered a form which does not ask twice. The words with @ are explained in 0001_base.sql.

CREATE TABLE visitors (
    workspace_id @id NOT NULL,
    -- SHA-256 of the browser's cookie.
    token_hash @bytes NOT NULL,
    -- Whose answers they are, as far as the last entry told.
    contact_id @id NOT NULL,
    -- Whether an entry has said who that is: an e-mail address or a phone number.
    identified @int NOT NULL,
    -- One JSON object: answers by contact property, only those that were given in this browser.
    told @text NOT NULL,
    seen_at @int NOT NULL,
    PRIMARY KEY (workspace_id, token_hash)
) @keyed;
CREATE INDEX visitors_by_contact ON visitors (contact_id);
CREATE INDEX visitors_by_age ON visitors (seen_at);

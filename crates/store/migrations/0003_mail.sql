-- What of a hub's mail design stands in Braze. The words with @ are explained in 0001_base.sql.

CREATE TABLE mail_pieces (
    connection_id @id NOT NULL REFERENCES connections (id),
    -- `block` or `template`.
    kind @text NOT NULL,
    -- Its name in Braze.
    name @text NOT NULL,
    -- Braze's id: templates are known by nothing else.
    braze_id @text NOT NULL,
    -- SHA-256 of the content in hexadecimal, and the content, to show what a change would change.
    content_hash @text NOT NULL,
    content @text NOT NULL,
    published_at @int NOT NULL,
    PRIMARY KEY (connection_id, kind, name)
) @strict;

-- Who works in the studio, where, and what they changed. The words with @ are explained in 0001_base.sql.

CREATE TABLE members (
    id @id PRIMARY KEY NOT NULL,
    -- In lower case.
    email @text NOT NULL UNIQUE,
    name @text NOT NULL,
    -- An Argon2id hash in PHC form; NULL for a member who signs in some other way.
    password @text,
    created_at @int NOT NULL,
    updated_at @int NOT NULL
) @strict;

-- A member may belong to several workspaces, with a role in each: owner, admin, editor, analyst.
CREATE TABLE memberships (
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    member_id @id NOT NULL REFERENCES members (id),
    role @text NOT NULL,
    created_at @int NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
) @strict;
CREATE INDEX memberships_by_member ON memberships (member_id);

-- The cookie's value is only known to the browser; here is its SHA-256.
CREATE TABLE sessions (
    id @id PRIMARY KEY NOT NULL,
    token_hash @bytes NOT NULL UNIQUE,
    member_id @id,
    -- One JSON object.
    data @text NOT NULL,
    agent @text NOT NULL,
    created_at @int NOT NULL,
    seen_at @int NOT NULL,
    expires_at @int NOT NULL
) @strict;
CREATE INDEX sessions_by_member ON sessions (member_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- The link's secret is only known to whom it was given; here is its SHA-256.
CREATE TABLE invitations (
    id @id PRIMARY KEY NOT NULL,
    token_hash @bytes NOT NULL UNIQUE,
    workspace_id @id NOT NULL REFERENCES workspaces (id),
    email @text NOT NULL,
    role @text NOT NULL,
    invited_by @id NOT NULL REFERENCES members (id),
    created_at @int NOT NULL,
    expires_at @int NOT NULL
) @strict;
CREATE INDEX invitations_by_workspace ON invitations (workspace_id);

-- Who changed what. Only ever appended to; names are kept as they were, because members come and go.
CREATE TABLE audit_log (
    seq @seq,
    workspace_id @id NOT NULL,
    member_id @id,
    member_name @text NOT NULL,
    -- A stable code such as connection.mapping.
    act @text NOT NULL,
    -- What it was done to, as people name it.
    subject @text NOT NULL,
    -- What changed, in words; never a secret, never personal data of participants.
    detail @text NOT NULL,
    at @int NOT NULL
) @strict;
CREATE INDEX audit_log_by_workspace ON audit_log (workspace_id, seq);

-- The log of who changed what becomes a chain: each line's hash covers the line before it. The words with @ are explained in
-- 0001_base.sql.

-- Lines from before have none; the chain begins with the first that has one.
ALTER TABLE audit_log ADD COLUMN hash @bytes;

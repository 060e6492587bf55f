-- Plays of several moves, and prizes that are given during play. The words with @ are explained in 0001_base.sql.

-- What the last move left, as the card's kind wrote it: one JSON value that nobody outside sees.
ALTER TABLE plays ADD COLUMN progress @text NOT NULL DEFAULT 'null';
ALTER TABLE plays ADD COLUMN moves @int NOT NULL DEFAULT 0;
-- Chance, drawn with the first move.
ALTER TABLE plays ADD COLUMN seed @int NOT NULL DEFAULT 0;

-- How many units of a card's prize have been given. What there is in all stands in the card's setup.
CREATE TABLE prize_stock (
    card_id @id NOT NULL,
    prize @text NOT NULL,
    given @int NOT NULL,
    PRIMARY KEY (card_id, prize)
) @keyed;

-- One unit of a prize, given to the player of one play.
CREATE TABLE awards (
    play_id @id PRIMARY KEY NOT NULL,
    workspace_id @id NOT NULL,
    card_id @id NOT NULL,
    contact_id @id,
    prize @text NOT NULL,
    given_at @int NOT NULL
) @keyed;
CREATE INDEX awards_by_contact ON awards (card_id, contact_id);

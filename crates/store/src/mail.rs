//! What of a hub's mail design stands in Braze: name, Braze's id, content.
//! Promises: a piece is remembered as soon as Braze has it, so that an interrupted publication goes on where it stopped.
//! Leaves to others: making the design, talking to Braze (`komo::mail`).

use engage::{ids::ConnectionId, time::Millis};

use crate::{error::Result, params, seam::Tx, statements};

/// A content block or a template that stands in Braze.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPiece {
    /// `block` or `template`.
    pub kind: String,
    /// Its name in Braze.
    pub name: String,
    /// Braze's id.
    pub braze_id: String,
    /// SHA-256 of the content, hexadecimal.
    pub content_hash: String,
    /// The content as it was published.
    pub content: String,
    /// When.
    pub published_at: Millis,
}

statements! {
    PIECES = "SELECT kind, name, braze_id, content_hash, content, published_at FROM mail_pieces WHERE connection_id = $1 ORDER BY kind, name";
    PUT_PIECE = "INSERT INTO mail_pieces (connection_id, kind, name, braze_id, content_hash, content, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (connection_id, kind, name) DO UPDATE SET braze_id = excluded.braze_id, content_hash = excluded.content_hash, content = excluded.content, published_at = excluded.published_at";
    FORGET_PIECE = "DELETE FROM mail_pieces WHERE connection_id = $1 AND kind = $2 AND name = $3";
}

/// Everything that was published through a connection.
pub async fn pieces(tx: &mut Tx, connection: ConnectionId) -> Result<Vec<MailPiece>> {
    let rows = tx.query(&PIECES, params![connection]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(MailPiece {
                kind: row.take(0)?,
                name: row.take(1)?,
                braze_id: row.take(2)?,
                content_hash: row.take(3)?,
                content: row.take(4)?,
                published_at: row.take(5)?,
            })
        })
        .collect()
}

/// Remembers a piece that Braze has taken.
pub async fn put_piece(tx: &mut Tx, connection: ConnectionId, piece: &MailPiece) -> Result<()> {
    tx.execute(
        &PUT_PIECE,
        params![
            connection,
            piece.kind.as_str(),
            piece.name.as_str(),
            piece.braze_id.as_str(),
            piece.content_hash.as_str(),
            piece.content.as_str(),
            piece.published_at
        ],
    )
    .await?;
    Ok(())
}

/// Forgets a piece that nobody needs any more.
pub async fn forget_piece(
    tx: &mut Tx,
    connection: ConnectionId,
    kind: &str,
    name: &str,
) -> Result<()> {
    tx.execute(&FORGET_PIECE, params![connection, kind, name])
        .await?;
    Ok(())
}

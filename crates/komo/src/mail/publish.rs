//! The difference between a hub's mail design and what stands in Braze, and publishing it: only what has changed.
//! Promises: blocks before the templates that name them; each piece is remembered as soon as Braze has it, so that an interrupted
//! publication is simply made again; what somebody has edited in Braze is not overwritten unseen. Leaves the design to `design`.

use std::collections::BTreeMap;

use braze::{Client, EmailTemplate, NewBlock};
use engage::ids::ConnectionId;
use similar::{ChangeTag, TextDiff};
use store::{
    Store,
    mail::{self, MailPiece},
};

use super::design::{Design, Piece, PieceKind, Template, hash};
use crate::clock;

/// What publishing would do with one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Braze does not have it yet.
    New,
    /// It differs from what was published.
    Changed,
    /// Braze has it under another name; templates can be renamed.
    Renamed,
    /// Braze has exactly this.
    Same,
    /// Somebody has edited it in Braze since it was published.
    EditedInBraze,
    /// It was published once and is no longer part of the design. Braze has no way to delete it but by hand.
    NotUsedAnyMore,
}

/// One piece, as it is in Braze and as it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Block or template.
    pub piece: PieceKind,
    /// Its name in Braze.
    pub name: String,
    /// What publishing would do.
    pub what: ChangeKind,
    /// What Braze has; empty for a new one.
    pub before: String,
    /// What it would be; empty for one that is not used any more.
    pub after: String,
    /// Braze's id, if Braze has it.
    id: Option<String>,
    /// It is remembered here as published.
    known: bool,
}

impl Change {
    /// The lines that differ, `-` for Braze's, `+` for the new ones, with a line of context.
    pub fn lines(&self) -> Vec<String> {
        let diff = TextDiff::from_lines(&self.before, &self.after);
        let mut out = Vec::new();
        for group in diff.grouped_ops(1) {
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let sign = match change.tag() {
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                    ChangeTag::Equal => ' ',
                };
                out.push(format!("{sign} {}", change.value().trim_end()));
            }
        }
        out
    }
}

/// All pieces, in the order in which they are published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Blocks, templates, then what is not used any more.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Whether publishing would do nothing.
    pub fn is_empty(&self) -> bool {
        self.changes
            .iter()
            .all(|it| matches!(it.what, ChangeKind::Same | ChangeKind::NotUsedAnyMore))
    }
}

/// What a publication did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Names of pieces that were made or changed.
    pub written: Vec<String>,
    /// Names of pieces that somebody has edited in Braze, and that were left alone.
    pub left_alone: Vec<String>,
}

/// Why nothing (more) can be compared or published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Braze refused, or could not be reached.
    #[error("{what} {remedy}")]
    Braze {
        /// What happened.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl From<Box<braze::Call>> for PublishError {
    fn from(call: Box<braze::Call>) -> Self {
        let words = call.answer.explain();
        let (mut what, mut remedy) = words.map(|it| (it.what, it.remedy)).unwrap_or_default();
        if matches!(call.status, Some(401 | 403)) {
            what.push_str(" Publishing mails needs the permissions content_blocks.create, .update, .info, .list and templates.email.create, .update, .info, .list.");
            "Create a key with these permissions as well, and enter it for this connection."
                .clone_into(&mut remedy);
        }
        Self::Braze { what, remedy }
    }
}

/// A piece of the design, whichever it is.
enum Wanted<'a> {
    Block(&'a Piece),
    Template(&'a Template),
}

impl Wanted<'_> {
    const fn kind(&self) -> PieceKind {
        match self {
            Self::Block(_) => PieceKind::Block,
            Self::Template(_) => PieceKind::Template,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Block(block) => &block.name,
            Self::Template(template) => &template.name,
        }
    }

    fn whole(&self) -> String {
        match self {
            Self::Block(block) => block.content.clone(),
            Self::Template(template) => template.whole(),
        }
    }
}

/// Compares the design with what stands in Braze.
pub async fn diff(
    store: &Store,
    client: &Client,
    connection: ConnectionId,
    design: &Design,
) -> Result<Diff, PublishError> {
    let known = store
        .read(move |tx| Box::pin(async move { mail::pieces(tx, connection).await }))
        .await?;
    let mut listed = BTreeMap::new();
    for block in client.blocks().await? {
        listed.insert(
            (PieceKind::Block.code(), block.name),
            block.content_block_id,
        );
    }
    let templates = client.templates().await?;
    for template in &templates {
        let key = (PieceKind::Template.code(), template.template_name.clone());
        listed
            .entry(key)
            .or_insert(template.email_template_id.clone());
    }
    let stands = |kind: PieceKind, id: &str| {
        listed
            .iter()
            .any(|((code, _), listed)| *code == kind.code() && listed == id)
            || templates.iter().any(|it| it.email_template_id == id)
    };
    let mut found = Diff::default();
    let mut used = Vec::new();
    for wanted in design.wanted() {
        let (kind, name, after) = (wanted.kind(), wanted.name().to_owned(), wanted.whole());
        let own = known
            .iter()
            .find(|it| it.kind == kind.code() && it.name == name)
            .filter(|it| stands(kind, &it.braze_id));
        // A template that was published under the hub's former name keeps its id, and with it its place in campaigns.
        let renamed = || {
            let Wanted::Template(template) = &wanted else {
                return None;
            };
            let ending = format!("_{}", template.kind);
            known.iter().find(|it| {
                it.kind == kind.code()
                    && it.name.ends_with(&ending)
                    && design.templates.iter().all(|wanted| wanted.name != it.name)
                    && stands(kind, &it.braze_id)
            })
        };
        let (piece, is_renamed) = match own {
            Some(piece) => (Some(piece), false),
            None => (renamed(), true),
        };
        let id = piece
            .map(|it| it.braze_id.clone())
            .or_else(|| listed.get(&(kind.code(), name.clone())).cloned());
        let before = match &id {
            Some(id) => whole_in_braze(client, kind, id).await?,
            None => String::new(),
        };
        let what = match (&id, piece) {
            (None, _) => ChangeKind::New,
            _ if normal(&before) == normal(&after) && !(is_renamed && piece.is_some()) => {
                ChangeKind::Same
            }
            (Some(_), Some(_)) if is_renamed => ChangeKind::Renamed,
            (Some(_), Some(piece)) if normal(&before) != normal(&piece.content) => {
                ChangeKind::EditedInBraze
            }
            _ => ChangeKind::Changed,
        };
        if let Some(piece) = piece {
            used.push((piece.kind.clone(), piece.name.clone()));
        }
        let known = piece.is_some_and(|it| it.name == name && it.content_hash == hash(&after));
        found.changes.push(Change {
            piece: kind,
            name,
            what,
            before,
            after,
            id,
            known,
        });
    }
    for piece in known {
        let key = (piece.kind.clone(), piece.name.clone());
        if !used.contains(&key) && !design.has(&key.0, &key.1) {
            let kind = if piece.kind == PieceKind::Block.code() {
                PieceKind::Block
            } else {
                PieceKind::Template
            };
            found.changes.push(Change {
                piece: kind,
                name: piece.name,
                what: ChangeKind::NotUsedAnyMore,
                before: piece.content,
                after: String::new(),
                id: Some(piece.braze_id),
                known: true,
            });
        }
    }
    Ok(found)
}

/// Publishes what has changed. Without `overwrite`, what somebody has edited in Braze stays as it is.
pub async fn publish(
    store: &Store,
    client: &Client,
    connection: ConnectionId,
    design: &Design,
    overwrite: bool,
) -> Result<Published, PublishError> {
    let diff = diff(store, client, connection, design).await?;
    let mut done = Published::default();
    for (change, wanted) in diff.changes.iter().zip(design.wanted()) {
        let id = match (change.what, &change.id) {
            (ChangeKind::Same, Some(_)) if change.known => continue,
            // Braze has it although nobody here remembers: the publication was interrupted between the two.
            (ChangeKind::Same, Some(id)) => id.clone(),
            (ChangeKind::EditedInBraze, _) if !overwrite => {
                done.left_alone.push(change.name.clone());
                continue;
            }
            (_, id) => {
                let id = write(client, &wanted, id.as_deref()).await?;
                done.written.push(change.name.clone());
                id
            }
        };
        let piece = MailPiece {
            kind: change.piece.code().to_owned(),
            name: change.name.clone(),
            braze_id: id,
            content_hash: hash(&change.after),
            content: change.after.clone(),
            published_at: clock::now(),
        };
        let same_id = piece.braze_id.clone();
        store
            .write(move |tx| {
                Box::pin(async move {
                    // The former name of a template that was renamed.
                    for other in mail::pieces(tx, connection).await? {
                        if other.braze_id == same_id && other.name != piece.name {
                            mail::forget_piece(tx, connection, &other.kind, &other.name).await?;
                        }
                    }
                    mail::put_piece(tx, connection, &piece).await
                })
            })
            .await?;
    }
    Ok(done)
}

async fn write(
    client: &Client,
    wanted: &Wanted<'_>,
    id: Option<&str>,
) -> Result<String, PublishError> {
    match wanted {
        Wanted::Block(block) => {
            let new = NewBlock {
                name: block.name.clone(),
                content: block.content.clone(),
                description: block.description.to_owned(),
            };
            match id {
                None => Ok(client.create_block(&new).await?),
                Some(id) => {
                    client.update_block(id, &new).await?;
                    Ok(id.to_owned())
                }
            }
        }
        Wanted::Template(template) => {
            let new = EmailTemplate {
                template_name: template.name.clone(),
                subject: template.subject.clone(),
                preheader: template.preheader.clone(),
                body: template.html.clone(),
                plaintext_body: template.text.clone(),
                should_inline_css: false,
            };
            match id {
                None => Ok(client.create_template(&new).await?),
                Some(id) => {
                    client.update_template(id, &new).await?;
                    Ok(id.to_owned())
                }
            }
        }
    }
}

async fn whole_in_braze(
    client: &Client,
    kind: PieceKind,
    id: &str,
) -> Result<String, PublishError> {
    Ok(match kind {
        PieceKind::Block => client.block(id).await?.content,
        PieceKind::Template => {
            let info = client.template(id).await?;
            Template {
                name: info.template_name,
                kind: engage::mail::MailKind::EntryConfirmation,
                subject: info.subject,
                preheader: info.preheader.unwrap_or_default(),
                html: info.body,
                text: info.plaintext_body.unwrap_or_default(),
            }
            .whole()
        }
    })
}

/// White space does not count: Braze may trim and break lines as it likes.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Design {
    /// Everything that is published, blocks first.
    fn wanted(&self) -> impl Iterator<Item = Wanted<'_>> {
        let blocks = self.blocks.iter().map(Wanted::Block);
        blocks.chain(self.templates.iter().map(Wanted::Template))
    }

    fn has(&self, kind: &str, name: &str) -> bool {
        self.wanted()
            .any(|it| it.kind().code() == kind && it.name() == name)
    }
}

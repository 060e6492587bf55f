//! Hubs as files: a complete hub in one readable TOML or JSON document, with its pictures beside it or within it.
//! Promises: an error names the path in the document and the remedy; importing again updates and never duplicates; API keys
//! are in no file. Leaves to others: what a document means (`engage::hub`).

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use engage::{
    hub::{
        ConnectionDoc, ConnectionType, HubDoc, HubState, Publication, STORED_IMAGE as STORED,
        Severity,
    },
    ids::{HubId, WorkspaceId},
    mapping::Mapping,
};
use sha2::{Digest, Sha256};
use store::{
    Store,
    hubs::{self, Image, NewConnection, NewIds},
};

use crate::clock;

/// Pictures larger than this are refused: participants on phones would wait for them.
const LARGEST_IMAGE: usize = 5 * 1024 * 1024;

/// What an import did.
#[derive(Debug)]
pub struct Imported {
    /// The hub.
    pub hub: HubId,
    /// Its address.
    pub slug: String,
    /// Its publication, if it is published.
    pub version: Option<i64>,
    /// Things worth looking at.
    pub warnings: Vec<String>,
}

/// Where the pictures of a document are read from.
pub trait Pictures: Sync {
    /// Reads the picture that a document names.
    fn read(&self, file: &str) -> anyhow::Result<Vec<u8>>;
}

/// Pictures beside the hub's file.
#[derive(Debug)]
pub struct Beside(pub PathBuf);

impl Pictures for Beside {
    fn read(&self, file: &str) -> anyhow::Result<Vec<u8>> {
        let path = Path::new(file);
        let stays = path.components().all(|part| {
            matches!(
                part,
                std::path::Component::Normal(_) | std::path::Component::CurDir
            )
        });
        if !stays {
            bail!(
                "the path leads out of the hub file's folder. Put the picture beside the hub file"
            );
        }
        let path = self.0.join(path);
        fs::read(&path).with_context(|| format!("{} can't be read", path.display()))
    }
}

/// Reads a document; the file's ending decides between TOML and JSON.
pub fn parse(name: &str, text: &str) -> anyhow::Result<HubDoc> {
    let json = name
        .rsplit('.')
        .next()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let doc = if json {
        HubDoc::from_json(text)
    } else {
        HubDoc::from_toml(text)
    };
    doc.map_err(|error| anyhow::anyhow!("{name}: {error}"))
}

/// The first workspace, made on a new installation.
pub async fn workspace(store: &Store) -> anyhow::Result<WorkspaceId> {
    let (id, now) = (clock::new_id(), clock::now());
    Ok(store
        .write(move |tx| {
            Box::pin(async move { hubs::first_workspace(tx, id, "Workspace", now).await })
        })
        .await?)
}

/// Imports a document: stores its pictures, saves the draft and its connections, and publishes the hub when its state is
/// `published`. A connection that the document no longer names is taken away.
pub async fn import(
    store: &Store,
    doc: HubDoc,
    pictures: &dyn Pictures,
) -> anyhow::Result<Imported> {
    Box::pin(import_with(store, doc, pictures, false)).await
}

/// The same; `keep_connections` leaves the connections that are there as they are.
pub async fn import_with(
    store: &Store,
    doc: HubDoc,
    pictures: &dyn Pictures,
    keep_connections: bool,
) -> anyhow::Result<Imported> {
    let workspace = workspace(store).await?;
    Box::pin(import_into(
        store,
        workspace,
        doc,
        pictures,
        keep_connections,
    ))
    .await
}

/// The same, into one of several workspaces.
pub async fn import_into(
    store: &Store,
    workspace: WorkspaceId,
    mut doc: HubDoc,
    pictures: &dyn Pictures,
    keep_connections: bool,
) -> anyhow::Result<Imported> {
    let images = store_pictures(&mut doc, pictures)?;
    // Mails that go out without Braze have lanes and a ledger like all else.
    let has_server = |doc: &HubDoc| {
        doc.connections
            .iter()
            .any(|it| it.kind == ConnectionType::Smtp)
    };
    if doc.mail.uses_mail_server() && !has_server(&doc) {
        doc.connections.push(ConnectionDoc::mail_server());
    }
    let problems = check(&doc);
    let (errors, warnings): (Vec<_>, Vec<_>) = problems
        .into_iter()
        .partition(|(severity, _)| *severity == Severity::Error);
    if !errors.is_empty() {
        let lines: Vec<String> = errors
            .into_iter()
            .map(|(_, line)| format!("  {line}"))
            .collect();
        bail!(
            "the hub has {} that must be solved first:\n{}",
            count(lines.len(), "problem"),
            lines.join("\n")
        );
    }
    // Connections take effect when they are saved: they have rows of their own and are no part of draft or publication.
    let connections = std::mem::take(&mut doc.connections);
    let connections = connections.into_iter().map(|it| {
        Ok(NewConnection {
            id: clock::new_id(),
            document: connection_text(&it)?,
            key: it.key,
        })
    });
    let connections = connections.collect::<anyhow::Result<_>>()?;
    let doc = Arc::new(doc);
    let publication = Publication::freeze(Arc::clone(&doc))
        .map_err(|_| anyhow::anyhow!("the hub can't be published"))?;
    let (slug, document, hash) = (
        doc.hub.slug.clone(),
        doc.to_json()?,
        publication.version().to_owned(),
    );
    let publish = doc.hub.state == HubState::Published;
    let ids = NewIds {
        hub: clock::new_id(),
        cards: doc
            .cards
            .iter()
            .map(|card| (card.key.clone(), clock::new_id()))
            .collect(),
        connections,
        keep_connections,
    };
    let now = clock::now();
    let name = slug.clone();
    let (hub, version) = store
        .write(move |tx| {
            Box::pin(async move {
                for image in &images {
                    hubs::save_image(tx, workspace, image, now).await?;
                }
                let hub = hubs::save(tx, workspace, &slug, &document, ids, now).await?;
                let version = if publish {
                    Some(hubs::publish(tx, hub, &document, &hash, now).await?)
                } else {
                    hubs::unpublish(tx, hub, now).await?;
                    None
                };
                Ok((hub, version))
            })
        })
        .await?;
    Ok(Imported {
        hub,
        slug: name,
        version,
        warnings: warnings.into_iter().map(|(_, line)| line).collect(),
    })
}

/// A connection's document as it is stored. The same document always gives the same text.
pub fn connection_text(doc: &ConnectionDoc) -> anyhow::Result<String> {
    serde_json::to_string(doc).context("the connection can't be written as JSON")
}

/// Reads the document's pictures and names them by their content.
pub fn store_pictures(doc: &mut HubDoc, pictures: &dyn Pictures) -> anyhow::Result<Vec<Image>> {
    let mut images = Vec::new();
    for (at, image) in doc.images.iter_mut().enumerate() {
        if image.file.starts_with(STORED) {
            continue;
        }
        let stored = picture(&image.file, pictures)
            .with_context(|| format!("images[{at}].file (`{}`)", short(&image.file)))?;
        image.file = format!("{STORED}{}.{}", stored.hash, ending(&stored.media_type));
        images.push(stored);
    }
    Ok(images)
}

/// Reads the document's pictures and puts them into it, so that it can be shown without a database.
pub fn embed_pictures(doc: &mut HubDoc, pictures: &dyn Pictures) -> anyhow::Result<()> {
    for (at, image) in doc.images.iter_mut().enumerate() {
        if image.file.starts_with(STORED) {
            continue;
        }
        let found = picture(&image.file, pictures)
            .with_context(|| format!("images[{at}].file (`{}`)", short(&image.file)))?;
        image.file = format!(
            "data:{};base64,{}",
            found.media_type,
            BASE64.encode(&found.content)
        );
    }
    Ok(())
}

/// Everything that is wrong with a document, and everything that could be better.
pub fn check(doc: &HubDoc) -> Vec<(Severity, String)> {
    let mut problems = doc.problems();
    problems.extend(Mapping::problems_of(doc));
    let lines = problems.into_iter().map(|it| {
        (
            it.severity,
            format!(
                "{}: {}. {}",
                it.path,
                it.message.trim_end_matches('.'),
                it.remedy
            ),
        )
    });
    let endpoints = doc.connections.iter().enumerate().filter_map(|(at, it)| {
        if it.kind == ConnectionType::Smtp {
            return None;
        }
        let error = it.endpoint.parse::<braze::Endpoint>().err()?;
        let line = format!("connections[{at}].endpoint: {error}");
        Some((Severity::Error, line))
    });
    lines.chain(endpoints).collect()
}

fn picture(file: &str, pictures: &dyn Pictures) -> anyhow::Result<Image> {
    let content = match file.strip_prefix("data:") {
        Some(uri) => {
            let (_, data) = uri
                .split_once(";base64,")
                .context("a data: URI must be base64")?;
            BASE64
                .decode(data.trim())
                .context("the data: URI is not valid base64")?
        }
        None => pictures.read(file)?,
    };
    if content.len() > LARGEST_IMAGE {
        bail!(
            "the picture has {} KiB; at most {} are taken. Make it smaller",
            content.len() / 1024,
            LARGEST_IMAGE / 1024
        );
    }
    let media_type = media_type(&content)
        .context("the picture is neither SVG, PNG, JPEG, WebP, AVIF nor GIF")?;
    Ok(Image {
        hash: hex::encode(Sha256::digest(&content)),
        media_type: media_type.into(),
        content,
    })
}

/// Told by the content, never by the name (WHATWG MIME Sniffing).
fn media_type(content: &[u8]) -> Option<&'static str> {
    if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if content.starts_with(b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if content.starts_with(b"GIF8") {
        return Some("image/gif");
    }
    if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    if content.get(4..12).is_some_and(|brand| brand == b"ftypavif") {
        return Some("image/avif");
    }
    let text = std::str::from_utf8(content)
        .ok()?
        .trim_start_matches('\u{feff}')
        .trim_start();
    (text.starts_with("<svg") || (text.starts_with("<?xml") && text.contains("<svg")))
        .then_some("image/svg+xml")
}

fn ending(media_type: &str) -> &str {
    match media_type {
        "image/svg+xml" => "svg",
        "image/jpeg" => "jpg",
        other => other.strip_prefix("image/").unwrap_or("bin"),
    }
}

/// Exports a hub's draft. With a folder for pictures they are written there and named by path; without one they stand in the
/// document as data: URIs.
pub async fn export(store: &Store, slug: &str, folder: Option<&Path>) -> anyhow::Result<HubDoc> {
    let workspace = workspace(store).await?;
    let name = slug.to_owned();
    let found = store.read(move |tx| {
        Box::pin(async move {
            let Some(hub) = hubs::find(tx, workspace, &name).await? else {
                return Ok(None);
            };
            let connections = hubs::connections(tx, hub.id).await?;
            Ok(Some((hub, connections)))
        })
    });
    let (hub, connections) = found
        .await?
        .with_context(|| format!("there is no hub `{slug}`; `komo hub list` shows all"))?;
    let mut doc = HubDoc::from_json(&hub.draft)
        .map_err(|error| anyhow::anyhow!("the stored hub can't be read: {error}"))?;
    for connection in connections {
        let key = connection.key;
        let connection = serde_json::from_str(&connection.document)
            .with_context(|| format!("the stored connection `{key}` can't be read"))?;
        doc.connections.push(connection);
    }
    for image in &mut doc.images {
        let Some(name) = image.file.strip_prefix(STORED).map(str::to_owned) else {
            continue;
        };
        let hash = name.split('.').next().unwrap_or_default().to_owned();
        let stored = store
            .read(move |tx| Box::pin(async move { hubs::find_image(tx, &hash).await }))
            .await?;
        let stored = stored
            .with_context(|| format!("the picture `{}` is missing in the database", image.key))?;
        image.file = match folder {
            Some(folder) => {
                fs::create_dir_all(folder)
                    .with_context(|| format!("can't make the folder {}", folder.display()))?;
                let file = format!("{}.{}", image.key, ending(&stored.media_type));
                fs::write(folder.join(&file), &stored.content)
                    .with_context(|| format!("can't write {}", folder.join(&file).display()))?;
                let last = folder
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                format!("{last}/{file}")
            }
            None => format!(
                "data:{};base64,{}",
                stored.media_type,
                BASE64.encode(&stored.content)
            ),
        };
    }
    Ok(doc)
}

fn count(number: usize, word: &str) -> String {
    if number == 1 {
        format!("one {word}")
    } else {
        format!("{number} {word}s")
    }
}

fn short(file: &str) -> String {
    file.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_content() {
        assert_eq!(media_type(b"<svg xmlns='x'/>"), Some("image/svg+xml"));
        assert_eq!(
            media_type(b"<?xml version='1.0'?>\n<svg/>"),
            Some("image/svg+xml")
        );
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\nrest"), Some("image/png"));
        assert_eq!(media_type(b"<html><svg></svg></html>"), None);
        assert_eq!(media_type(b""), None);
    }

    #[test]
    fn a_picture_outside_the_folder_is_refused() {
        let beside = Beside("/tmp".into());
        for path in ["../secret", "/etc/passwd", "images/../../x"] {
            assert!(
                beside
                    .read(path)
                    .unwrap_err()
                    .to_string()
                    .contains("leads out"),
                "{path}"
            );
        }
    }
}

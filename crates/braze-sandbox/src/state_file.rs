//! Keeps profiles, designs and mails over a restart.
//! Promises a whole file or the old one: it is written beside its place and then moved there.
//! Leaves requests, faults and settings out; they belong to one run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::design::Piece;
use crate::profiles::Profile;
use crate::world::World;

#[derive(Serialize)]
struct Saving<'a> {
    profiles: Vec<&'a Profile>,
    templates: &'a [Piece],
    blocks: &'a [Piece],
    mails: Vec<&'a Map<String, Value>>,
    bounces: &'a BTreeMap<String, i64>,
    blocked: &'a BTreeSet<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Saved {
    profiles: Vec<Profile>,
    templates: Vec<Piece>,
    blocks: Vec<Piece>,
    mails: Vec<Map<String, Value>>,
    bounces: BTreeMap<String, i64>,
    blocked: BTreeSet<String>,
}

/// The state as the bytes of a file.
pub(crate) fn bytes(world: &World) -> Vec<u8> {
    let saving = Saving {
        profiles: world.profiles.in_order(),
        templates: &world.templates,
        blocks: &world.blocks,
        mails: world.mails.iter().collect(),
        bounces: &world.bounces,
        blocked: &world.blocked,
    };
    serde_json::to_vec(&saving).unwrap_or_default()
}

/// Puts the bytes in the place of the file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("writing");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}

/// Moves a file that cannot be read out of the way of the next one; says where to.
pub(crate) fn set_aside(path: &Path) -> Option<PathBuf> {
    let aside = path.with_extension("unreadable");
    std::fs::rename(path, &aside).is_ok().then_some(aside)
}

/// Reads a file into an empty world. An absent file is an empty state.
pub(crate) fn read(path: &Path, world: &mut World) -> std::io::Result<()> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let saved: Saved = serde_json::from_slice(&bytes)?;
    for profile in saved.profiles {
        world.profiles.restore(profile);
    }
    world.templates = saved.templates;
    world.blocks = saved.blocks;
    world.mails = saved.mails.into();
    world.bounces = saved.bounces;
    world.blocked = saved.blocked;
    Ok(())
}

//! What a call finds, and what it wants instead; what is found where something is to be taken back. All content is on the
//! disk before anybody names it.

use super::command::{By, Change, FileState, Touch};
use super::net::Net;
use super::path::FilePath;
use super::root::{File, Root};
use super::trouble::Trouble;
use super::walk::{Kind, Spot};
use crate::journal::Files;
use crate::vocabulary::{Hash, Workplace};
use std::collections::BTreeMap;
use std::io;

/// A file that is to be changed, as it was found.
#[derive(Debug)]
pub struct Found {
    /// Where it lies, links resolved, from the workspace's folder on.
    path: String,
    missing: Vec<String>,
    /// What is in it; `None`: nothing is there.
    pub file: Option<File>,
}

/// What is to become of a file.
#[derive(Debug)]
pub struct Wanted {
    found: Found,
    after: Option<(Vec<u8>, u32)>,
}

/// What a call wants.
pub type Planned = Vec<Wanted>;

impl Found {
    /// It is to hold this.
    pub fn becomes(self, content: Vec<u8>) -> Wanted {
        let mode = self.file.as_ref().map_or(0o644, |file| file.mode);
        Wanted { found: self, after: Some((content, mode)) }
    }

    /// It is to go.
    pub fn goes(self) -> Wanted {
        Wanted { found: self, after: None }
    }

    /// What another file holds is to be here.
    pub fn takes(self, other: &File) -> Wanted {
        Wanted { found: self, after: Some((other.content.clone(), other.mode)) }
    }

    /// Where it lies.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Root {
    /// A file that is to be changed, or made.
    ///
    /// # Errors
    /// If something else is there, or it is too large.
    pub fn found(&self, path: &FilePath) -> Result<Found, Trouble> {
        let spot = self.find_to_change(path)?;
        let file = self.whole(&spot)?;
        Ok(Found { missing: missing(&spot), path: spot.path(), file })
    }
}

/// The paths of the folders that are missing above it.
fn missing(spot: &Spot) -> Vec<String> {
    let mut path = spot.above.clone();
    let missing = spot.missing.iter().map(|name| {
        path.push(name.clone());
        path.join("/")
    });
    missing.collect()
}

/// How files are, that are to be taken back.
#[derive(Default)]
pub(super) struct Compared {
    /// Those that are not as the last change left them.
    pub(super) found: BTreeMap<String, Option<FileState>>,
    pub(super) conflicts: Vec<String>,
    /// Those in whose place something is that cannot be kept and replaced, and what that is.
    pub(super) blocked: BTreeMap<String, String>,
}

pub(super) fn compare(
    root: &Root,
    files: &Files,
    net: &Net,
    force: bool,
) -> Result<Compared, Trouble> {
    let mut compared = Compared::default();
    for (path, (target, left)) in &net.files {
        let found = match look(root, path) {
            Ok(found) => found,
            Err(Trouble::Refused(why)) => {
                compared.blocked.insert(path.clone(), why);
                continue;
            }
            Err(passing) => return Err(passing),
        };
        if is_like(found.as_ref(), left.as_ref()) {
            continue;
        }
        if !is_like(found.as_ref(), target.as_ref()) && !force {
            compared.conflicts.push(path.clone());
            continue;
        }
        let kept = found.map(|found| keep(files, &found.content, found.mode)).transpose()?;
        compared.found.insert(path.clone(), kept);
    }
    Ok(compared)
}

/// What is in a file that is to be taken back; refused where something is in its place that is none.
fn look(root: &Root, path: &str) -> Result<Option<File>, Trouble> {
    let spot = root.find(&FilePath::of_file(path)?)?;
    if spot.path() != path {
        return Err(Trouble::Refused(format!("it leads to {:?} now", spot.path())));
    }
    match spot.kind {
        Kind::File | Kind::Nothing => root.whole(&spot),
        Kind::Folder => Err(Trouble::refused("a folder is in its place")),
        Kind::Special(what) => Err(Trouble::Refused(format!("a {what} is in its place"))),
    }
}

fn is_like(found: Option<&File>, state: Option<&FileState>) -> bool {
    match (found, state) {
        (None, None) => true,
        (Some(found), Some(state)) => {
            found.mode == state.mode && Hash::of(&found.content) == *state.hash()
        }
        _ => false,
    }
}

fn keep(files: &Files, content: &[u8], mode: u32) -> Result<FileState, Trouble> {
    let kept = files.publish_by_hash(content);
    let content = kept.map_err(|error: io::Error| {
        Trouble::Passing(format!("failed to keep what a file held: {error}"))
    })?;
    Ok(FileState { content, mode })
}

/// What is wanted, as the record has it: all content is on the disk.
pub(super) fn store(
    files: &Files,
    place: &Workplace,
    planned: Planned,
    by: By,
) -> Result<Change, Trouble> {
    let mut change = Change { touches: Vec::new(), make: Vec::new(), remove: Vec::new(), by };
    for Wanted { found, after } in planned {
        let before = found.file.map(|file| keep(files, &file.content, file.mode)).transpose()?;
        let after = after.map(|(content, mode)| keep(files, &content, mode)).transpose()?;
        if after.is_some() {
            let missing = found.missing.iter().map(|folder| place.recorded(folder));
            change.make.extend(missing);
        }
        change.touches.push(Touch { path: place.recorded(&found.path), before, after });
    }
    change.make.dedup();
    Ok(change)
}

//! [`Applying`]: brings files from what they were to what they are to be. Each is compared first: done is done, and what
//! is neither the one nor the other is somebody else's work, which is left alone.
//!
//! ```text
//! write beside it ► sync ► change places with what is there ► was it what it was said to be? ► clear away ► sync the folder
//!                                                              └─ no: change places back, conflict
//! ```
//!
//! A file is never written in place: whoever reads it has the old one or the new one, and a crash leaves one of them. What
//! lies beside it after a crash has a name by which the next try finds it ([`super::leftover`]); so that it has gone is
//! durable before the change is settled: after that nobody tries again.

use super::command::{Change, FileState, Settled, Touch};
use super::leftover;
use super::path::{FilePath, TEMPORARY};
use super::root::{MODE, Root};
use super::trouble::{Trouble, is_passing};
use super::walk::{Kind, Spot};
use crate::journal::{Files, ReadError};
use crate::vocabulary::{Hash, WorkflowId};
use cap_std::fs::{Dir, MetadataExt, OpenOptions, OpenOptionsExt};
use rustix::fs::{Gid, Mode, RenameFlags, Uid};
use rustix::io::Errno;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

/// What is in the way of a change.
pub(super) enum Obstacle {
    /// It may be gone in a moment.
    Passing(String),
    /// It will not go by itself: at which file, and what.
    Conflict(String, String),
}

/// How a file is, compared to what it was and is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Before,
    After,
}

/// A change in the making.
pub(super) struct Applying<'a> {
    pub(super) files: &'a Files,
    pub(super) root: &'a Root,
    pub(super) change: &'a Change,
    /// What is put beside a file has this name, and an index.
    beside: String,
}

impl<'a> Applying<'a> {
    pub(super) fn new(
        files: &'a Files,
        root: &'a Root,
        (record, number): (&WorkflowId, u32),
        change: &'a Change,
    ) -> Self {
        let whose = Hash::of(record.0.as_str().as_bytes());
        let beside = format!("{TEMPORARY}{}-{number}", &whose.as_str()[..12]);
        Self { files, root, change, beside }
    }

    /// Does it, or what is left of it. `Err`: not now.
    pub(super) fn apply(&self) -> Result<Settled, String> {
        let mut done = Vec::new();
        match self.try_to_apply(&mut done) {
            Ok(()) => Ok(Settled::Done),
            Err(Obstacle::Passing(why)) => Err(why),
            Err(Obstacle::Conflict(path, why)) => Ok(Settled::Conflict { path, why, done }),
        }
    }

    fn try_to_apply(&self, done: &mut Vec<usize>) -> Result<(), Obstacle> {
        let touches = || self.change.touches.iter().enumerate();
        for (index, touch) in touches() {
            self.tidy(index, touch)?;
        }
        // All of them are looked at before any is changed.
        for (index, touch) in touches() {
            if self.standing(touch)? == Standing::After {
                self.keep(touch)?;
                done.push(index);
            }
        }
        self.change.make.iter().try_for_each(|folder| self.make(folder))?;
        // What is new comes before what goes: whatever happens in between, nothing is lost.
        let (new, going): (Vec<_>, Vec<_>) =
            touches().partition(|(_, touch)| touch.after.is_some());
        for (index, touch) in new.into_iter().chain(going) {
            if done.contains(&index) {
                continue;
            }
            match &touch.after {
                Some(after) => self.put(index, touch, after)?,
                None => self.remove(index, touch)?,
            }
            done.push(index);
        }
        self.change.remove.iter().try_for_each(|folder| self.unmake(folder))
    }

    fn name(&self, index: usize) -> String {
        format!("{}-{index}", self.beside)
    }

    /// Where a file lies: at the very place, and not behind a link that was put there since.
    fn spot(&self, path: &str) -> Result<Spot, Obstacle> {
        let found = FilePath::of_file(path).and_then(|path| self.root.find(&path));
        let spot = found.map_err(|trouble| obstacle(path, trouble))?;
        if spot.path() == path {
            return Ok(spot);
        }
        Err(Obstacle::Conflict(path.to_owned(), format!("it leads to {:?} now", spot.path())))
    }

    fn tidy(&self, index: usize, touch: &Touch) -> Result<(), Obstacle> {
        let spot = self.spot(&touch.path)?;
        if !spot.missing.is_empty() {
            return Ok(());
        }
        let after =
            touch.after.as_ref().map(|after| self.content(&touch.path, after)).transpose()?;
        leftover::tidy(&spot, &self.name(index), touch, after.as_deref())
            .map_err(|error| io_obstacle(&touch.path, &error))
    }

    fn standing(&self, touch: &Touch) -> Result<Standing, Obstacle> {
        let spot = self.spot(&touch.path)?;
        if matches!(spot.kind, Kind::Folder | Kind::Special(_)) {
            return Err(moved_on(touch));
        }
        let name = spot.name.as_deref().unwrap_or_default();
        let is = |state: &Option<FileState>| match (state, spot.kind) {
            (None, Kind::Nothing) => Ok(true),
            (Some(state), Kind::File) => holds(&spot.folder, name, state),
            _ => Ok(false),
        };
        let is = |state| is(state).map_err(|error| io_obstacle(&touch.path, &error));
        if is(&touch.after)? {
            Ok(Standing::After)
        } else if is(&touch.before)? {
            Ok(Standing::Before)
        } else {
            Err(moved_on(touch))
        }
    }

    /// What is done already may have been done by somebody who was killed before it was durable.
    fn keep(&self, touch: &Touch) -> Result<(), Obstacle> {
        let spot = self.spot(&touch.path)?;
        sync(&spot.folder).map_err(|error| io_obstacle(&touch.path, &error))
    }

    fn content(&self, path: &str, state: &FileState) -> Result<Vec<u8>, Obstacle> {
        self.files.read(&state.content).map_err(|error| match error {
            ReadError::Io { .. } | ReadError::Fault(_) => Obstacle::Passing(error.to_string()),
            other => Obstacle::Conflict(path.to_owned(), other.to_string()),
        })
    }

    fn put(&self, index: usize, touch: &Touch, after: &FileState) -> Result<(), Obstacle> {
        let content = self.content(&touch.path, after)?;
        let spot = self.spot(&touch.path)?;
        let name = spot.name.as_deref().unwrap_or_default();
        let beside = self.name(index);
        let result = write(&spot, name, &beside, &content, after.mode)
            .and_then(|()| exchange(&spot.folder, name, &beside, touch.before.as_ref()));
        Self::ended(result, &spot, &beside, touch)
    }

    fn remove(&self, index: usize, touch: &Touch) -> Result<(), Obstacle> {
        let spot = self.spot(&touch.path)?;
        let name = spot.name.as_deref().unwrap_or_default();
        let beside = self.name(index);
        let result = take_away(&spot.folder, name, &beside, touch.before.as_ref());
        Self::ended(result, &spot, &beside, touch)
    }

    /// What lies beside the file then is ours, or what was there before.
    fn ended(
        result: io::Result<bool>,
        spot: &Spot,
        beside: &str,
        touch: &Touch,
    ) -> Result<(), Obstacle> {
        let cleared = result.and_then(|is_done| {
            let _ = spot.folder.remove_file(beside);
            sync(&spot.folder).map(|()| is_done)
        });
        let is_done = cleared.map_err(|error| io_obstacle(&touch.path, &error))?;
        if is_done { Ok(()) } else { Err(moved_on(touch)) }
    }

    fn make(&self, folder: &str) -> Result<(), Obstacle> {
        let spot = self.spot(folder)?;
        let at = |error: io::Error| io_obstacle(folder, &error);
        match (spot.kind, &spot.name) {
            (Kind::Folder, _) | (_, None) => sync(&spot.folder).map_err(at),
            (Kind::Nothing, Some(name)) if spot.missing.is_empty() => {
                match spot.folder.create_dir(name) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    result => result.map_err(at)?,
                }
                sync(&spot.folder).map_err(at)
            }
            _ => {
                let why = "something else is there, or the folder above it has gone".to_owned();
                Err(Obstacle::Conflict(folder.to_owned(), why))
            }
        }
    }

    /// Somebody may have put something into it: then it stays. Where it has gone already, that may not be durable.
    fn unmake(&self, folder: &str) -> Result<(), Obstacle> {
        let Ok(spot) = self.spot(folder) else { return Ok(()) };
        if let (Kind::Folder, Some(name)) = (spot.kind, &spot.name) {
            let _ = spot.folder.remove_dir(name);
        }
        sync(&spot.folder).map_err(|error| io_obstacle(folder, &error))
    }
}

/// Writes a new file beside the one that it is to replace.
fn write(spot: &Spot, name: &str, beside: &str, content: &[u8], mode: u32) -> io::Result<()> {
    let _ = spot.folder.remove_file(beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = spot.folder.open_with(beside, &options)?;
    file.write_all(content)?;
    keep_owner(&spot.folder, name, &file);
    rustix::fs::fchmod(&file, Mode::from_raw_mode(mode & MODE))?;
    file.sync_all()
}

/// Whoever owns the file that is replaced owns the new one, where that can be had.
fn keep_owner(folder: &Dir, name: &str, new: &cap_std::fs::File) {
    let (Ok(old), Ok(made)) = (folder.symlink_metadata(name), new.metadata()) else { return };
    if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
        let (owner, group) = (Uid::from_raw(old.uid()), Gid::from_raw(old.gid()));
        let _ = rustix::fs::fchown(new, Some(owner), Some(group));
    }
}

/// Has the file beside take the place; `false`: what was there was something else, and is there again.
fn exchange(
    folder: &Dir,
    name: &str,
    beside: &str,
    before: Option<&FileState>,
) -> io::Result<bool> {
    let rename =
        |flags| rustix::fs::renameat_with(folder.as_fd(), beside, folder.as_fd(), name, flags);
    let Some(before) = before else {
        return match rename(RenameFlags::NOREPLACE) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(Errno::INVAL | Errno::NOSYS) if !folder.try_exists(name)? => {
                folder.rename(beside, folder, name).map(|()| true)
            }
            Err(error) => Err(error.into()),
        };
    };
    match rename(RenameFlags::EXCHANGE) {
        Ok(()) if holds(folder, beside, before)? => Ok(true),
        Ok(()) => {
            rename(RenameFlags::EXCHANGE)?;
            Ok(false)
        }
        // A file system that cannot: what was compared a moment ago is believed.
        Err(Errno::INVAL | Errno::NOSYS) if holds(folder, name, before)? => {
            folder.rename(beside, folder, name).map(|()| true)
        }
        Err(Errno::NOENT | Errno::INVAL | Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes a file away from its place; `false`: it was something else, and is there again.
fn take_away(
    folder: &Dir,
    name: &str,
    beside: &str,
    before: Option<&FileState>,
) -> io::Result<bool> {
    let Some(before) = before else { return Ok(true) };
    match folder.rename(name, folder, beside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        result => result?,
    }
    if holds(folder, beside, before)? {
        return Ok(true);
    }
    leftover::put_back(folder, beside, name)?;
    Ok(false)
}

/// Whether a file is what it is said to be.
pub(super) fn holds(folder: &Dir, name: &str, state: &FileState) -> io::Result<bool> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let metadata = match folder.symlink_metadata(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        metadata => metadata?,
    };
    let is_like = metadata.is_file()
        && metadata.len() == state.content.bytes
        && metadata.mode() & MODE == state.mode & MODE;
    if !is_like {
        return Ok(false);
    }
    let file = folder.open_with(name, &options)?;
    let (hash, _) = Hash::of_reader(file.take(state.content.bytes + 1))?;
    Ok(hash == *state.hash())
}

pub(super) fn sync(folder: &Dir) -> io::Result<()> {
    // A handle that only names the folder cannot be synced.
    folder.open(".")?.sync_all()
}

fn moved_on(touch: &Touch) -> Obstacle {
    let why = "somebody else has changed it meanwhile: read it again, and decide anew";
    Obstacle::Conflict(touch.path.clone(), why.to_owned())
}

fn obstacle(path: &str, trouble: Trouble) -> Obstacle {
    match trouble {
        Trouble::Refused(why) => Obstacle::Conflict(path.to_owned(), why),
        Trouble::Passing(why) => Obstacle::Passing(why),
    }
}

fn io_obstacle(path: &str, error: &io::Error) -> Obstacle {
    if is_passing(error) {
        return Obstacle::Passing(format!("failed to change {path:?}: {error}"));
    }
    Obstacle::Conflict(path.to_owned(), error.to_string())
}

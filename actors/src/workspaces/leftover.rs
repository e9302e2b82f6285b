//! What a change that was cut off has left beside a file: what it was writing, or what it took from there. The first
//! goes; the second goes, too, if it is what was to go. Anything else is somebody's, and is kept under another name.

use super::apply::{holds, sync};
use super::command::Touch;
use super::root::MOST_BYTES;
use super::walk::Spot;
use cap_std::fs::Dir;
use rustix::fs::RenameFlags;
use rustix::io::Errno;
use std::io::{self, Read};
use std::os::fd::AsFd;

/// Looks after what lies beside a file.
pub(super) fn tidy(
    spot: &Spot,
    beside: &str,
    touch: &Touch,
    after: Option<&[u8]>,
) -> io::Result<()> {
    let folder = &spot.folder;
    if !folder.symlink_metadata(beside).is_ok_and(|found| found.is_file()) {
        return Ok(());
    }
    let is_what_was = match &touch.before {
        Some(before) => holds(folder, beside, before)?,
        None => false,
    };
    if is_what_was || is_begun(folder, beside, after)? {
        folder.remove_file(beside)?;
        return sync(folder);
    }
    put_back(folder, beside, spot.name.as_deref().unwrap_or_default())
}

/// Whether a file is the beginning of what was being written. What a crash has not let onto the disk is zeros.
fn is_begun(folder: &Dir, beside: &str, after: Option<&[u8]>) -> io::Result<bool> {
    let Some(after) = after else { return Ok(false) };
    let mut found = Vec::new();
    folder.open(beside)?.take(MOST_BYTES + 1).read_to_end(&mut found)?;
    let is_ours = |(found, ours): (&u8, &u8)| *found == *ours || *found == 0;
    Ok(found.len() <= after.len() && found.iter().zip(after).all(is_ours))
}

/// Gives a file its place again; where another is there, it stays beside it, under a name that people see.
pub(super) fn put_back(folder: &Dir, beside: &str, name: &str) -> io::Result<()> {
    let rename = |to: &str| {
        rustix::fs::renameat_with(
            folder.as_fd(),
            beside,
            folder.as_fd(),
            to,
            RenameFlags::NOREPLACE,
        )
    };
    let mut to = name.to_owned();
    for number in 1..100 {
        match rename(&to) {
            Ok(()) => return sync(folder),
            Err(Errno::INVAL | Errno::NOSYS) if !folder.try_exists(&to)? => {
                folder.rename(beside, folder, &to)?;
                return sync(folder);
            }
            Err(Errno::EXIST | Errno::INVAL | Errno::NOSYS) => {
                to = format!("{name}.found-{number}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::Error::other(format!("{name} has too many others beside it")))
}

//! [`read_only`]: what is hung up somewhere, and whatever is hung up below it, can be read and no more: neither its
//! content nor its modes, times, owners and attributes can be changed through here, whoever owns it.

use super::root::OUTSIDE;
use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::mount::{MountFlags, mount_remount};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Words by which the kernel says how something is hung up. What it was it has to stay: the kernel holds us to that.
const WORDS: [(&str, MountFlags); 7] = [
    ("nosuid", MountFlags::NOSUID),
    ("nodev", MountFlags::NODEV),
    ("noexec", MountFlags::NOEXEC),
    ("noatime", MountFlags::NOATIME),
    ("nodiratime", MountFlags::NODIRATIME),
    ("relatime", MountFlags::RELATIME),
    ("nosymfollow", MountFlags::NOSYMFOLLOW),
];

/// Makes all that hangs at `top` or below it read-only.
pub(super) fn read_only(top: &Path) -> io::Result<()> {
    let list = fs::read_to_string(format!("{OUTSIDE}/proc/self/mountinfo"))?;
    let below = list.lines().filter_map(hung).filter(|(at, _)| at.starts_with(top));
    for (at, flags) in below {
        let wanted = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | flags;
        let changed = mount_remount(&at, wanted, "");
        // What another covers cannot be reached, neither by us nor by anybody else.
        let now = statvfs(&at).map(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY));
        match (changed, now) {
            (Err(error), Ok(false)) => return Err(error.into()),
            (Ok(()), Ok(false)) => return Err(rustix::io::Errno::PERM.into()),
            (_, Ok(true) | Err(_)) => {}
        }
    }
    Ok(())
}

/// Where something hangs, and how: a line of the kernel's.
fn hung(line: &str) -> Option<(PathBuf, MountFlags)> {
    let mut words = line.split(' ').skip(4);
    let (at, options) = (words.next()?, words.next()?);
    let mut flags = MountFlags::empty();
    let mut has_atime = false;
    for option in options.split(',') {
        if let Some((word, flag)) = WORDS.into_iter().find(|(word, _)| *word == option) {
            flags |= flag;
            has_atime |= word.ends_with("latime") || word == "noatime";
        }
    }
    if !has_atime {
        flags |= MountFlags::STRICTATIME;
    }
    Some((PathBuf::from(OsString::from_vec(unescaped(at.as_bytes()))), flags))
}

/// Blanks and the like stand there as numbers: `\040`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut at) = (Vec::new(), 0);
    while let Some(byte) = text.get(at) {
        let number = text
            .get(at + 1..at + 4)
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match number.filter(|_| *byte == b'\\') {
            Some(number) => (bytes.push(number), at += 4).0,
            None => (bytes.push(*byte), at += 1).0,
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernels_says_where_something_hangs_and_how() {
        let line = r"36 35 98:0 / /mnt\040a/b\134c rw,nosuid,noatime master:1 - ext3 /dev/root rw";
        let (at, flags) = hung(line).unwrap();
        assert_eq!(at, Path::new(r"/mnt a/b\c"));
        assert_eq!(flags, MountFlags::NOSUID | MountFlags::NOATIME);
        let (_, flags) = hung("1 0 0:1 / / rw,relatime - tmpfs none rw").unwrap();
        assert_eq!(flags, MountFlags::RELATIME);
        let (_, flags) = hung("1 0 0:1 / / rw - tmpfs none rw").unwrap();
        assert_eq!(flags, MountFlags::STRICTATIME);
    }
}

//! [`close_all_but`]: files that whoever started us left open are no way out for those who are held.

use nix::unistd::close;
use std::fs;
use std::io;

/// Closes all files but the three that every program has and these. Only where nothing of ours is open: a file that we
/// believed to be ours would be another's afterwards.
pub(super) fn close_all_but(kept: &[i32]) -> io::Result<()> {
    let mut open = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        open.extend(name.to_str().and_then(|name| name.parse::<i32>().ok()));
    }
    for file in open.into_iter().filter(|file| *file > 2 && !kept.contains(file)) {
        // One of them was the list itself, which is closed already.
        let _ = close(file);
    }
    Ok(())
}

//! Who lives, by the kernel's own list.

use std::fs;
use std::path::Path;

/// A process that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Living {
    pub(crate) pid: u32,
    pub(crate) command: String,
}

/// All that live whose home is this folder, or who were called with a path in it: everything that a house
/// started, however deep, and however well it hides.
pub(crate) fn of_house(folder: &Path) -> Vec<Living> {
    let home = format!("HOME={}", folder.display());
    let folder = folder.display().to_string();
    let is_ours = |pid: &u32| {
        let read = |file| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let is_called = String::from_utf8_lossy(&read("cmdline")).contains(&folder);
        is_called || read("environ").split(|byte| *byte == 0).any(|line| line == home.as_bytes())
    };
    all().filter(is_ours).filter_map(living).collect()
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").unwrap();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The children of a process that have ended and were not waited for.
pub(crate) fn remains(parent: u32) -> usize {
    let is_meant = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let mut fields = stat.rsplit_once(')').unwrap_or_default().1.split_whitespace();
        fields.next() == Some("Z") && fields.next() == Some(&parent.to_string())
    };
    all().filter(is_meant).count()
}

fn living(pid: u32) -> Option<Living> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let state = stat.rsplit_once(')')?.1.trim_start().chars().next()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    (!matches!(state, 'Z' | 'X')).then_some(Living { pid, command: command.trim().to_owned() })
}

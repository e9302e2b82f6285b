//! [`make`]: a root in which there is what a program may reach, and nothing else: what is not there can be neither
//! opened nor renamed, and its modes, times and attributes cannot be set.
//!
//! It is an empty folder in memory, in which folders and files of the machine are hung up at their own names, read-only
//! but for those that may be written. Links on the way to them are made anew.

use super::confinement::Confinement;
use super::mounts::read_only;
use super::reach::{FILES, SINKS, SYSTEM};
use rustix::fs::CWD;
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind_recursive, mount_change,
    mount_remount, unmount,
};
use rustix::process::pivot_root;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

/// Where the machine's own root lies until all is there.
pub(super) const OUTSIDE: &str = "/.outside";

/// So many links may lead to a place.
const MOST_LINKS: usize = 40;

/// What every shell expects beside the devices.
const STREAMS: [(&str, &str); 4] = [
    ("/proc/self/fd", "/dev/fd"),
    ("/proc/self/fd/0", "/dev/stdin"),
    ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"),
];

/// Makes the root, and goes there for good.
pub(super) fn make(confinement: &Confinement) -> io::Result<()> {
    enter()?;
    processes()?;
    let mut grafts = grafts(confinement)?;
    // The upper before the lower: else they would be covered.
    grafts.sort_by_key(|graft| (graft.real.components().count(), graft.is_written));
    for (n, graft) in grafts.iter().enumerate() {
        let is_here = grafts[..n].iter().any(|upper| graft.real.starts_with(&upper.real));
        if !is_here || graft.is_written {
            graft.hang_up()?;
        }
    }
    for (target, link) in STREAMS {
        symlink(target, link)?;
    }
    leave_the_machine()
}

/// Something of the machine's that is to be here, too.
struct Graft {
    /// Where it lies, without links in it.
    real: PathBuf,
    is_written: bool,
}

/// All of them, as far as they are there.
fn grafts(confinement: &Confinement) -> io::Result<Vec<Graft>> {
    let system = SYSTEM.iter().chain(&FILES).chain(&SINKS).map(Path::new);
    let read = system.chain(confinement.readable.iter().map(PathBuf::as_path));
    let read = read.map(|path| (path, false));
    let written = confinement.writable.iter().map(|path| (path.as_path(), true));
    let mut grafts = Vec::new();
    for (path, is_written) in read.chain(written).filter(|(path, _)| !path.starts_with("/proc")) {
        grafts.extend(lead_to(path)?.map(|real| Graft { real, is_written }));
    }
    Ok(grafts)
}

/// An empty root; the machine's lies in it.
fn enter() -> io::Result<()> {
    mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)?;
    // Any folder that is there for sure: it is covered only until the new root has moved.
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", "/proc", "tmpfs", flags, c"mode=0755,size=4m")?;
    std::env::set_current_dir("/proc")?;
    let outside = Path::new(OUTSIDE).strip_prefix("/").unwrap_or(Path::new(OUTSIDE));
    rustix::fs::mkdirat(CWD, outside, rustix::fs::Mode::RWXU)?;
    pivot_root(".", outside)?;
    std::env::set_current_dir("/")
}

/// Its own processes, and no others; where the kernel does not let us, what the machine has.
fn processes() -> io::Result<()> {
    fs::create_dir("/proc")?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    if mount("proc", "/proc", "proc", flags, None).is_err() {
        mount_bind_recursive(outside(Path::new("/proc")), "/proc")?;
    }
    read_only(Path::new("/proc"))
}

fn leave_the_machine() -> io::Result<()> {
    unmount(OUTSIDE, UnmountFlags::DETACH)?;
    fs::remove_dir(OUTSIDE)?;
    let flags = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
    Ok(mount_remount("/", flags, "")?)
}

/// Where something of the machine lies from here.
fn outside(path: &Path) -> PathBuf {
    Path::new(OUTSIDE).join(path.strip_prefix("/").unwrap_or(path))
}

impl Graft {
    fn hang_up(&self) -> io::Result<()> {
        let (from, at) = (outside(&self.real), &self.real);
        if fs::symlink_metadata(at).is_err() {
            make_place(&from, at)?;
        }
        mount_bind_recursive(&from, at)?;
        if self.is_written { Ok(()) } else { read_only(at) }
    }
}

fn make_place(from: &Path, at: &Path) -> io::Result<()> {
    if from.is_dir() {
        return fs::create_dir_all(at);
    }
    if let Some(above) = at.parent() {
        fs::create_dir_all(above)?;
    }
    File::create_new(at).map(drop)
}

/// Where a path leads to, without links in it; those on the way are made here, too. `None`: nothing is there.
fn lead_to(path: &Path) -> io::Result<Option<PathBuf>> {
    let (mut at, mut left, mut links) = (PathBuf::from("/"), names(path), 0);
    while let Some(name) = left.pop_front() {
        if name == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&name);
        match fs::read_link(outside(&next)) {
            Ok(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(rustix::io::Errno::LOOP.into());
                }
                link(&target, &next)?;
                if target.is_absolute() {
                    at = PathBuf::from("/");
                }
                for name in names(&target).into_iter().rev() {
                    left.push_front(name);
                }
            }
            Err(_) if fs::symlink_metadata(outside(&next)).is_err() => return Ok(None),
            Err(_) => at = next,
        }
    }
    Ok(Some(at))
}

fn names(path: &Path) -> VecDeque<OsString> {
    let name = |part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().filter_map(name).collect()
}

fn link(target: &Path, at: &Path) -> io::Result<()> {
    if fs::symlink_metadata(at).is_ok() {
        return Ok(());
    }
    if let Some(above) = at.parent() {
        fs::create_dir_all(above)?;
    }
    symlink(target, at)
}

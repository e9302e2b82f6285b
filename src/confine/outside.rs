//! [`run`]: leaves the machine's namespaces, has the program run in the new ones, and ends as it ended. It stays outside
//! itself: the first process of a namespace is known to nobody outside by how it ended.

use super::confinement::{Job, Network};
use nix::sched::{CloneFlags, unshare};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Resource, Rlimit, Signal, getgid, getpid, getuid, kill_process, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, configure_capability_in_ambient_set,
    set_capabilities,
};
use std::fs;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, ExitStatus};

/// The variable that names the file over there; the program does not see it.
pub const STATUS: &str = "CALLBOARD_STATUS";

/// How a program has ended, in a word between us and the first process inside.
pub(super) const CODE: &str = "code";
pub(super) const SIGNAL: &str = "signal";

/// By what a root is made, and everything given up.
const NEEDED: [CapabilitySet; 2] = [CapabilitySet::SYS_ADMIN, CapabilitySet::SETPCAP];

/// The same, and by what loopback is brought up, and listened on, at any port.
const WITH_DOOR: [CapabilitySet; 4] = [
    CapabilitySet::SYS_ADMIN,
    CapabilitySet::SETPCAP,
    CapabilitySet::NET_ADMIN,
    CapabilitySet::NET_BIND_SERVICE,
];

/// Runs the job.
pub(super) fn run(job: &Job) -> io::Result<ExitCode> {
    leave(&job.confinement.network)?;
    let (mut told, status) = io::pipe()?;
    // It is the one file that is to stay open over there.
    fcntl_setfd(&status, FdFlags::empty())?;
    let mut first = Command::new("/proc/self/exe")
        .arg0("callboard")
        .args(job.call()?)
        .env(STATUS, status.as_raw_fd().to_string())
        .spawn()?;
    drop(status);
    let mut words = String::new();
    told.read_to_string(&mut words)?;
    let ended = first.wait()?;
    Ok(end_as(&words, ended))
}

/// New namespaces for what is begun from here on: users (of which it is the only one), mounts, processes, and where it may
/// speak to nobody a network without anybody in it.
/// (A door is handed out of its network: the first process inside makes that one itself.)
fn leave(network: &Network) -> io::Result<()> {
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    let apart = CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC;
    // A machine may have no networks left to give: then it is only refused to open sockets.
    if *network != Network::Nobody || unshare(apart | CloneFlags::CLONE_NEWNET).is_err() {
        unshare(apart)?;
    }
    // Who it is stays the same, so that its files are its own.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    let has_door = matches!(network, Network::Door(_));
    hand_on(if has_door { &WITH_DOOR } else { &NEEDED })
}

/// What the first process inside needs to make its root: only in its own namespaces, and only until it has.
fn hand_on(needed: &[CapabilitySet]) -> io::Result<()> {
    let own = capabilities(None)?;
    set_capabilities(None, CapabilitySets { inheritable: own.permitted, ..own })?;
    for right in needed {
        configure_capability_in_ambient_set(*right, true)?;
    }
    Ok(())
}

/// Ends as another of us has ended.
pub(super) fn end_like(other: ExitStatus) -> ExitCode {
    match other.signal() {
        Some(signal) => end_as(&format!("{SIGNAL} {signal}"), other),
        None => end_as("", other),
    }
}

/// Whoever holds us is to see how the program ended.
fn end_as(words: &str, first: ExitStatus) -> ExitCode {
    let number = |kind| words.strip_prefix(kind)?.trim().parse::<i32>().ok();
    if let Some(signal) = number(SIGNAL) {
        die_of(signal);
    }
    let code = number(CODE).or(first.code()).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// Nothing is left of it but how it ended.
fn die_of(signal: i32) {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    if let Some(signal) = Signal::from_named_raw(signal) {
        let _ = kill_process(getpid(), signal);
    }
}

//! [`confine`]: what `callboard confine` does: restricts this process, for good, and becomes the program; or, where the
//! kernel gives namespaces, has the program run in some of its own, and ends as it ended.

use super::confinement::{Job, Network};
use super::door;
use super::inherited::close_all_but;
use super::restrict::{Around, restrict};
use super::{inside, outside};
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, set_capabilities,
};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Runs a program. Comes back when it has ended, or if it cannot be run; not at all where this
/// process becomes the program.
///
/// # Errors
/// If it cannot be run: then nothing of it was.
pub fn confine(job: &Job) -> io::Result<ExitCode> {
    // Whoever holds it may be killed: it goes, too.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // Nothing of ours is open yet; what is was left open by whoever started the server.
    let handed = door::handed();
    close_all_but(handed.as_slice())?;
    match (&job.confinement.network, handed) {
        (Network::Door(door), None) if job.confinement.namespaces => return door::keep(job, door),
        _ if job.confinement.namespaces => return outside::run(job),
        _ => {}
    }
    restrict(&job.confinement, Around::Machine)?;
    give_up_rights()?;
    std::env::set_current_dir(&job.folder)?;
    Err(Command::new(&job.program).args(&job.arguments).exec())
}

/// The same from within new namespaces, as their first process; tells `status`, a file that was left open for it, how the
/// program has ended.
///
/// # Errors
/// If it cannot be run.
pub fn confine_inside(job: &Job, status: i32) -> io::Result<ExitCode> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    inside::run(job, status)
}

/// Being root is no right either where there are no namespaces. No program that is run gets any back: restricting ourselves
/// has seen to that.
fn give_up_rights() -> io::Result<()> {
    clear_ambient_capability_set()?;
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    Ok(set_capabilities(None, none)?)
}

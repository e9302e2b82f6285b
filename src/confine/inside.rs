//! [`run`]: the first process of new namespaces: makes the root (and, where there is
//! a door, the network), gives up every right, restricts itself, has the program
//! run, and stays until it has ended. With it everything ends that came out of the program: the kernel sees to that.

use super::confinement::{Job, Network};
use super::door::{self, DOOR};
use super::inherited::close_all_but;
use super::outside::{CODE, SIGNAL, STATUS};
use super::restrict::{Around, restrict};
use super::root;
use rustix::process::{
    DumpableBehavior, Pid, WaitOptions, WaitStatus, set_dumpable_behavior, wait,
};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    set_capabilities, set_capabilities_secure_bits,
};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::process::{Command, ExitCode};

/// Runs the job; says in the file `status` how the program has ended.
pub(super) fn run(job: &Job, status: i32) -> io::Result<ExitCode> {
    // As it is, the program would have it, too.
    let mut status = OpenOptions::new().write(true).open(format!("/proc/self/fd/{status}"))?;
    let handing = door::handed().map(door::taken).transpose()?;
    let kept: Vec<_> = handing.iter().map(AsRawFd::as_raw_fd).chain([status.as_raw_fd()]).collect();
    close_all_but(&kept)?;
    if let (Network::Door(door), Some(to)) = (&job.confinement.network, &handing) {
        door::open(door, to)?;
    }
    drop(handing);
    root::make(&job.confinement)?;
    std::env::set_current_dir(&job.folder)?;
    give_up_rights()?;
    // What we are is nothing that the program could look into.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    restrict(&job.confinement, Around::Namespaces)?;
    if job.program.is_empty() {
        // It was only to be seen whether all this can be done.
        return Ok(ExitCode::SUCCESS);
    }
    let mut program = Command::new(&job.program);
    program.args(&job.arguments).env_remove(STATUS).env_remove(DOOR);
    let program = program.spawn()?;
    let ended = until_ended(Pid::from_child(&program))?;
    tell(&mut status, ended)?;
    Ok(ExitCode::SUCCESS)
}

/// Whoever has lost a parent comes to us, and is taken away here.
fn until_ended(program: Pid) -> io::Result<WaitStatus> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((ended, status))) if ended == program => return Ok(status),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn tell(status: &mut File, ended: WaitStatus) -> io::Result<()> {
    match (ended.exit_status(), ended.terminating_signal()) {
        (Some(code), _) => write!(status, "{CODE} {code}"),
        (None, Some(signal)) => write!(status, "{SIGNAL} {signal}"),
        (None, None) => Ok(()),
    }
}

/// Being the user of the server, also root, is no right inside: neither now nor by any program that is run.
fn give_up_rights() -> io::Result<()> {
    use CapabilitiesSecureBits as Bits;
    clear_ambient_capability_set()?;
    set_capabilities_secure_bits(
        Bits::NO_ROOT
            | Bits::NO_ROOT_LOCKED
            | Bits::NO_SETUID_FIXUP
            | Bits::NO_SETUID_FIXUP_LOCKED
            | Bits::NO_CAP_AMBIENT_RAISE
            | Bits::NO_CAP_AMBIENT_RAISE_LOCKED,
    )?;
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    Ok(set_capabilities(None, none)?)
}

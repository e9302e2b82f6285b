//! [`become_program`]: restricts this process, for good, and becomes the program.

use super::confinement::{Confinement, Job};
use super::sockets::filter;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use std::io::{self, Error};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the system keeps what is for all.
const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// Files beside them that programs look into: nothing there is secret, or says what runs here.
const FILES: [&str; 22] = [
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/alternatives",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/python3",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/self",
    "/dev/urandom",
    "/dev/random",
];

/// What may be written to though it lies outside: it forgets everything.
const SINKS: [&str; 3] = ["/dev/null", "/dev/zero", "/dev/full"];

/// The newest rules of the kernel's that we know of; an older kernel holds those that it knows.
const NEWEST: ABI = ABI::V7;

/// So large may a file become.
const LARGEST_FILE: u64 = 1 << 30;

/// Restricts this process and becomes the program. Comes back only if it cannot.
pub fn become_program(job: &Job) -> Error {
    match restrict(&job.confinement) {
        Ok(()) => {
            Command::new(&job.program).args(&job.arguments).env_clear().envs(&job.variables).exec()
        }
        Err(error) => error,
    }
}

fn restrict(confinement: &Confinement) -> io::Result<()> {
    // Whoever holds it may be killed: it goes, too.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, LARGEST_FILE)?;
    limit(Resource::Nofile, 4_096)?;
    confine_files(confinement).map_err(Error::other)?;
    let filter = filter(confinement.network).map_err(Error::other)?;
    seccompiler::apply_filter(&filter).map_err(Error::other)
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let now = rustix::process::getrlimit(resource);
    let most = now.maximum.map_or(most, |maximum| maximum.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// What the kernel cannot hold is left out: [`super::held`] says what that is.
fn confine_files(confinement: &Confinement) -> Result<(), RulesetError> {
    let all = AccessFs::from_all(NEWEST);
    let read = AccessFs::from_read(NEWEST);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::AbstractUnixSocket)?
        .scope(Scope::Signal)?;
    if !confinement.network {
        ruleset =
            ruleset.handle_access(AccessNet::BindTcp)?.handle_access(AccessNet::ConnectTcp)?;
    }
    let sinks = AccessFs::ReadFile | AccessFs::WriteFile;
    let created = ruleset
        .create()?
        .add_rules(path_beneath_rules(present(SYSTEM), read))?
        .add_rules(path_beneath_rules(present(FILES), AccessFs::ReadFile | AccessFs::ReadDir))?
        .add_rules(path_beneath_rules(present(SINKS), sinks))?
        .add_rules(path_beneath_rules(present(&confinement.readable), read))?
        .add_rules(path_beneath_rules(present(&confinement.writable), all))?;
    created.restrict_self().map(drop)
}

/// Those that are there.
fn present<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Vec<PathBuf> {
    let paths = paths.into_iter().map(|path| path.as_ref().to_owned());
    paths.filter(|path| path.exists()).collect()
}

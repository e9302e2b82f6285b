//! [`restrict`]: restricts this process, and all that come out of it, for good.

use super::confinement::{Confinement, Network};
use super::reach::{FILES, SINKS, SYSTEM};
use super::sockets::filters;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{self, Error};
use std::path::{Path, PathBuf};

/// The newest rules of the kernel's that we know of; an older kernel holds those that it knows.
const NEWEST: ABI = ABI::V7;

/// So large may a file become.
const LARGEST_FILE: u64 = 1 << 30;

/// What is around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// The machine: what is not refused it can reach.
    Machine,
    /// Namespaces of its own: what is not there it cannot.
    Namespaces,
}

/// Restricts this process.
pub(super) fn restrict(confinement: &Confinement, around: Around) -> io::Result<()> {
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, LARGEST_FILE)?;
    limit(Resource::Nofile, 4_096)?;
    confine_files(confinement, around).map_err(Error::other)?;
    for filter in filters(confinement, around).map_err(Error::other)? {
        seccompiler::apply_filter(&filter).map_err(Error::other)?;
    }
    Ok(())
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let most = now.maximum.map_or(most, |maximum| maximum.min(most));
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// What the kernel cannot hold is left out: [`super::held`] says what that is.
fn confine_files(confinement: &Confinement, around: Around) -> Result<(), RulesetError> {
    let all = AccessFs::from_all(NEWEST);
    let read = AccessFs::from_read(NEWEST);
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::AbstractUnixSocket)?
        .scope(Scope::Signal)?;
    let sinks = AccessFs::ReadFile | AccessFs::WriteFile;
    // Among its own processes it may look around; among the machine's only at itself.
    let processes = present((around == Around::Namespaces).then_some("/proc"));
    let look = AccessFs::ReadFile | AccessFs::ReadDir;
    let created = network(ruleset, &confinement.network)?
        .add_rules(path_beneath_rules(present(SYSTEM), read))?
        .add_rules(path_beneath_rules(present(FILES), look))?
        .add_rules(path_beneath_rules(processes, look))?
        .add_rules(path_beneath_rules(present(SINKS), sinks))?
        .add_rules(path_beneath_rules(present(&confinement.readable), read))?
        .add_rules(path_beneath_rules(present(&confinement.writable), all))?;
    created.restrict_self().map(drop)
}

/// At which ports others may be spoken to.
fn network(ruleset: Ruleset, network: &Network) -> Result<RulesetCreated, RulesetError> {
    let Some(ports) = network.ports() else { return ruleset.create() };
    let ruleset = ruleset.handle_access(AccessNet::BindTcp)?;
    let created = ruleset.handle_access(AccessNet::ConnectTcp)?.create()?;
    ports.into_iter().try_fold(created, |created, port| {
        created.add_rule(NetPort::new(port, AccessNet::ConnectTcp))
    })
}

/// Those that are there.
fn present<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Vec<PathBuf> {
    let paths = paths.into_iter().map(|path| path.as_ref().to_owned());
    paths.filter(|path| path.exists()).collect()
}

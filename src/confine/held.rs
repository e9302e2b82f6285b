//! [`held`]: which rules the kernel holds for programs that are run, and which are only checked before.

use super::begin::confine;
use super::confinement::{Confinement, Job, Network};
use super::door::Door;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError,
    Scope,
};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::OnceLock;

/// What the kernel holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Which files a program sees, and what is in those that it changes.
    pub files: Hold,
    /// Modes, times, owners and attributes of files that it does not see.
    pub attributes: Hold,
    /// That it opens no sockets, where it may not.
    pub network: Hold,
    /// At which ports a program that may speak to its provider only speaks to others.
    pub ports: Hold,
    /// Which hosts such a program reaches.
    pub hosts: Hold,
    /// That it sees, signals and looks into nobody else's processes.
    pub processes: Hold,
    /// What calls of tools may do, which is not left to the kernel.
    pub tools: Hold,
    /// By what: `namespaces`, `landlock`, `seccomp`.
    pub by: Vec<&'static str>,
}

impl Held {
    /// Each thing, and who holds it.
    pub fn things(&self) -> [(&'static str, Hold); 6] {
        [
            ("files", self.files),
            ("attributes", self.attributes),
            ("network", self.network),
            ("ports", self.ports),
            ("hosts", self.hosts),
            ("processes", self.processes),
        ]
    }

    /// What the kernel does not hold for programs, in words; `None`: it holds all that it should.
    pub fn lacking(&self) -> Option<String> {
        let things = self.things();
        let lacking = things.iter().filter(|(_, hold)| *hold == Hold::Checked);
        let words = lacking.map(|(thing, _)| *thing).collect::<Vec<_>>().join(", ");
        (!words.is_empty()).then(|| {
            let by = if self.by.is_empty() { "nothing".into() } else { self.by.join(", ") };
            format!("checked, not enforced, for programs that are run: {words} (what the kernel gives here: {by})")
        })
    }

    /// Whether programs can have a network of their own, with a door in it.
    pub fn has_door(&self) -> bool {
        self.hosts == Hold::Enforced
    }

    /// Whether programs can have namespaces of their own.
    pub fn has_namespaces(&self) -> bool {
        self.by.contains(&NAMESPACES)
    }
}

const NAMESPACES: &str = "namespaces";

/// Who holds a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The kernel: there is no way around it.
    Enforced,
    /// It is looked at before a program is run; what the program does then is its own.
    Checked,
}

impl Hold {
    fn of(is_held: bool) -> Self {
        if is_held { Self::Enforced } else { Self::Checked }
    }

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Checked => "checked",
        }
    }
}

/// Which rules the kernel of this machine holds. Tried once, by what is done for every program: blocks then.
pub fn held() -> &'static Held {
    static HELD: OnceLock<Held> = OnceLock::new();
    HELD.get_or_init(|| {
        let has_namespaces = has_namespaces();
        let has_door = has_namespaces && has_door();
        let has_seccomp = Path::new("/proc/sys/kernel/seccomp/actions_avail").exists();
        let has_landlock = holds_files().is_ok();
        let by =
            [(NAMESPACES, has_namespaces), ("landlock", has_landlock), ("seccomp", has_seccomp)];
        Held {
            files: Hold::of(has_namespaces || has_landlock),
            attributes: Hold::of(has_namespaces),
            network: Hold::of(has_seccomp),
            ports: Hold::of(has_door || holds_ports().is_ok()),
            hosts: Hold::of(has_door),
            processes: Hold::of(has_seccomp && (has_namespaces || holds_signals().is_ok())),
            tools: Hold::Checked,
            by: by.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect(),
        }
    })
}

/// Has this program try it on itself, once more.
fn has_namespaces() -> bool {
    tried(["confine", "--probe"])
}

/// The same with a door: a machine may give namespaces, and no networks.
fn has_door() -> bool {
    nothing(Network::Door(Door::default())).call().is_ok_and(tried)
}

fn tried<S: AsRef<OsStr>>(call: impl IntoIterator<Item = S>) -> bool {
    let tried = Command::new("/proc/self/exe")
        .arg0("callboard")
        .args(call)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Does all that is done for a program that is run in namespaces of its own, but for the program.
///
/// # Errors
/// If the kernel does not let us.
pub fn probe() -> io::Result<ExitCode> {
    confine(&nothing(Network::Nobody))
}

/// A job without a program: only what is done for one.
fn nothing(network: Network) -> Job {
    Job {
        program: String::new(),
        arguments: Vec::new(),
        folder: PathBuf::from("/"),
        variables: BTreeMap::new(),
        confinement: Confinement { namespaces: true, network, ..Confinement::default() },
        timeout_ms: 0,
        keep_bytes: 0,
        outputs: None,
    }
}

/// Asks the kernel for a set of rules, and applies it to nobody.
fn holds_files() -> Result<(), RulesetError> {
    hard().handle_access(AccessFs::from_all(ABI::V1))?.create().map(drop)
}

fn holds_signals() -> Result<(), RulesetError> {
    hard().scope(Scope::Signal)?.create().map(drop)
}

fn holds_ports() -> Result<(), RulesetError> {
    hard().handle_access(AccessNet::ConnectTcp)?.create().map(drop)
}

fn hard() -> Ruleset {
    Ruleset::default().set_compatibility(CompatLevel::HardRequirement)
}

//! [`Seat`]: where a program sits that works on a copy; made by the server, taken by the shim.

use super::network::{Way, network};
use crate::confine::{Confinement, Job};
use crate::rules::{Environment, Web};
use callboard_actors::processes::{Charge, ErrorKind, ExecuteError, Work};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Variables that lead to what lies in the home of whoever runs the server.
const LEADING_HOME: [&str; 9] = [
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "SSH_AUTH_SOCK",
    "CLAUDE_CONFIG_DIR",
    "TMPDIR",
    "PWD",
];

/// Variables that name files which a program has to read to trust anybody.
const TRUST: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"];

/// Where a program sits.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::world) struct Seat {
    /// The copy of the workspace.
    pub(super) work: PathBuf,
    /// Its home.
    pub(super) home: PathBuf,
    /// What it finds around it, as the rules say.
    pub(super) environment: Environment,
    /// Whose program it is.
    pub(super) runtime: String,
    /// Which hosts the rules let its agent ask.
    pub(super) web: Web,
    /// Whether the kernel gives namespaces.
    pub(super) namespaces: bool,
    /// Whether there is a network among them, with a door.
    pub(super) door: bool,
}

/// A program that is to be run, as the runtime says.
pub(in crate::world) struct Program<'a> {
    pub(in crate::world) path: &'a Path,
    pub(in crate::world) arguments: &'a [String],
    pub(in crate::world) environment: &'a BTreeMap<String, String>,
    pub(in crate::world) way: &'a Way,
    /// Files that its arguments name.
    pub(in crate::world) reads: &'a [PathBuf],
}

impl Seat {
    /// What was prepared for this work; `None`: nothing, as its workflow has no folder.
    pub(in crate::world) fn of(work: &Work) -> Result<Option<Self>, ExecuteError> {
        let Some(equipment) = &work.equipment else { return Ok(None) };
        serde_json::from_value(equipment.clone()).map(Some).map_err(|error| ExecuteError {
            kind: ErrorKind::Final,
            error: format!("failed to read what was prepared for the program: {error}"),
            charge: Charge::Nothing,
            retry_after_ms: None,
        })
    }

    /// The program, held: this program once more, which restricts itself and has it run.
    ///
    /// # Errors
    /// If it cannot be told of in a line.
    pub(in crate::world) fn command(&self, program: &Program<'_>) -> io::Result<Command> {
        let mut command = Command::new("/proc/self/exe");
        command.arg0("callboard").args(self.job(program)?.call()?);
        command.env_clear().envs(self.variables(program.environment)).current_dir("/");
        Ok(command)
    }

    fn job(&self, program: &Program<'_>) -> io::Result<Job> {
        let network = network(self, program.way, &self.variables(program.environment));
        Ok(Job {
            program: program.path.to_string_lossy().into_owned(),
            arguments: program.arguments.to_vec(),
            folder: self.work.clone(),
            variables: BTreeMap::new(),
            confinement: Confinement {
                writable: vec![self.work.clone(), self.home.clone()],
                readable: self.readable(program),
                network: network.map_err(io::Error::other)?,
                // Whoever holds an attempt finds its processes by more than their session.
                sessions: true,
                namespaces: self.namespaces,
            },
            timeout_ms: 0,
            keep_bytes: 0,
            outputs: None,
        })
    }

    fn readable(&self, program: &Program<'_>) -> Vec<PathBuf> {
        let Environment { read_only, path, .. } = &self.environment;
        let trust = TRUST.iter().filter_map(|name| program.environment.get(*name));
        let mut readable: Vec<_> = read_only.iter().chain(path).cloned().collect();
        readable.extend(trust.map(PathBuf::from));
        readable.extend(program.reads.iter().cloned());
        readable.extend(own_files(program.path));
        readable
    }

    /// All that it finds. What it builds goes beside its copy: it is no change of the workspace.
    fn variables(&self, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut variables = own.clone();
        variables.retain(|name, _| !LEADING_HOME.contains(&name.as_str()));
        for (name, value) in &self.environment.variables {
            variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let path = self.environment.path.iter().map(|folder| text(folder));
        let path: Vec<_> = path.chain(own.get("PATH").cloned()).collect();
        variables.extend(
            [
                ("PATH", path.join(":")),
                ("HOME", text(&self.home)),
                ("TMPDIR", text(&self.home.join("tmp"))),
                ("CARGO_TARGET_DIR", text(&self.home.join("target"))),
                ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        variables
    }
}

/// What a program is made of: its file, also behind links; the packages among which it lies, if it is one of Node's; and
/// who reads it, if it is a script.
fn own_files(program: &Path) -> Vec<PathBuf> {
    let mut files = vec![program.to_owned()];
    if let Ok(real) = program.canonicalize() {
        let packages = real.ancestors().filter(|above| above.ends_with("node_modules"));
        files.extend(packages.last().map(Path::to_owned));
        files.extend(interpreter(&real));
        files.push(real);
    }
    files
}

fn interpreter(script: &Path) -> Option<PathBuf> {
    let mut beginning = Vec::new();
    File::open(script).ok()?.take(256).read_to_end(&mut beginning).ok()?;
    let line = beginning.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    line.split_whitespace().next().map(PathBuf::from)
}

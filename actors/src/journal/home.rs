//! The home: one folder that holds everything, locked by one server at a time.
//!
//! The functions at the end are the only place where names become paths.

use crate::vocabulary::{Hash, MessageId, Name, ProcessId, SessionId, WorkflowId};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// An opened home. The lock is held until the last clone has gone.
#[derive(Debug, Clone)]
pub struct Home(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    database: PathBuf,
    _locks: Vec<File>,
}

/// Why a home could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Another server works in it.
    #[error("{} is in use by another server: stop that one, or choose another home", .0.display())]
    InUse(PathBuf),
    /// The file system said no.
    #[error("failed to open the home {}: {source}", .path.display())]
    Io {
        /// The home.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Home {
    /// Makes the folders that are missing and takes the lock. `database` overrides where the
    /// database lies.
    pub fn open(root: &Path, database: Option<PathBuf>) -> Result<Self, HomeError> {
        let at = |source| HomeError::Io { path: root.to_owned(), source };
        make_folder(root).map_err(at)?;
        let root = root.canonicalize().map_err(at)?;
        for folder in FOLDERS {
            make_folder(&root.join(folder)).map_err(at)?;
        }
        let locks = lock(&root)?;
        // A server that was killed may have made folders, or renamed files into place, without having
        // had the time to make that durable. What it left is built on from here.
        for folder in PARENTS {
            sync_folder(&root.join(folder)).map_err(at)?;
        }
        let database = database.unwrap_or_else(|| root.join("callboard.db"));
        Ok(Self(Arc::new(Inner { root, database, _locks: locks })))
    }

    /// A home to look at, beside a server that may be at work: makes nothing, takes no lock. Only for
    /// reading.
    pub fn look(root: &Path, database: PathBuf) -> Result<Self, HomeError> {
        let at = |source| HomeError::Io { path: root.to_owned(), source };
        let root = root.canonicalize().map_err(at)?;
        Ok(Self(Arc::new(Inner { root, database, _locks: Vec::new() })))
    }

    /// The first content found that only a journal with a history can have.
    pub(super) fn content(&self) -> io::Result<Option<String>> {
        for folder in [SESSIONS, PROCESSES, ARCHIVE] {
            for entry in fs::read_dir(self.path(folder))? {
                let entry = entry?;
                // The link to the newest session is none itself.
                if !entry.file_type()?.is_symlink() {
                    let name = entry.file_name();
                    return Ok(Some(format!("{folder}/{}", name.to_string_lossy())));
                }
            }
        }
        Ok(None)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// The database file.
    pub fn database(&self) -> &Path {
        &self.0.database
    }

    /// A relative path in this home, made of names that this program chose.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.0.root.join(relative)
    }

    /// The same for a path that was read somewhere: refused if it leads out of the home.
    pub fn within(&self, relative: &str) -> io::Result<PathBuf> {
        let path = Path::new(relative);
        let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        if is_inside && !relative.is_empty() {
            return Ok(self.0.root.join(path));
        }
        let text = format!("{relative:?} does not lie in the home");
        Err(io::Error::new(io::ErrorKind::InvalidInput, text))
    }
}

/// A program that a killed server was just starting holds the server's locks until it is itself.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is tried meanwhile.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// Takes the home, once nobody has it any more; whoever has it for longer lives.
fn lock(root: &Path) -> Result<Vec<File>, HomeError> {
    for _ in 0..PATIENCE.as_millis() / TRY_EVERY.as_millis() {
        match try_lock(root) {
            Err(HomeError::InUse(_)) => std::thread::sleep(TRY_EVERY),
            result => return result,
        }
    }
    try_lock(root)
}

/// Takes the home: by a file that says so to whoever looks, and by the folder itself, which nobody can
/// delete under a server's feet.
fn try_lock(root: &Path) -> Result<Vec<File>, HomeError> {
    let at = |source| HomeError::Io { path: root.to_owned(), source };
    let file = private_file().open(root.join("lock")).map_err(at)?;
    let folder = File::open(root).map_err(at)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(HomeError::InUse(root.to_owned())),
        Err(TryLockError::Error(source)) => return Err(at(source)),
    }
    match folder.try_lock() {
        Err(TryLockError::WouldBlock) => Err(HomeError::InUse(root.to_owned())),
        Ok(()) => Ok(vec![file, folder]),
        // Not all file systems can lock a folder.
        Err(TryLockError::Error(_)) => Ok(vec![file]),
    }
}

const FOLDERS: [&str; 8] =
    [SESSIONS, QUEUE, ARCHIVE, "prompts/templates", WORKFLOWS, SHARED, BLOBS, PROCESSES];

/// Folders in which folders come into being.
const PARENTS: [&str; 5] = ["", "prompts", "state", BLOBS, PROCESSES];

/// Where sessions are logged.
pub(super) const SESSIONS: &str = "claude_logs";
/// Where prompts wait.
pub(super) const QUEUE: &str = "prompts/queue";
/// Where prompts of completed processes rest.
pub(super) const ARCHIVE: &str = "prompts/archive";
/// Where attempts have their folders.
pub(super) const PROCESSES: &str = "processes";
/// Where large states of workflows lie.
const WORKFLOWS: &str = "state/workflows";
/// Where large shared state lies.
const SHARED: &str = "state/shared";
/// Where lies what programs of calls have said.
pub(super) const OUTPUTS: &str = "state/outputs";
/// Where other large content lies.
pub(super) const BLOBS: &str = "state/blobs";

/// How files of ours are opened for writing: readable by their owner alone.
pub(super) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

/// Makes a folder and its parents, each durable in the one above it.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_folder(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        result => result?,
    }
    sync_folder(parent.unwrap_or(Path::new(".")))
}

/// Makes what was done to a folder's entries durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

/// `claude_logs/{session}.jsonl`
pub fn session_log(session: &SessionId) -> String {
    format!("{SESSIONS}/{session}.jsonl")
}

/// `claude_logs/latest.jsonl`: a link to the session that spoke last.
pub fn latest_log() -> String {
    format!("{SESSIONS}/latest.jsonl")
}

/// Whether a session may not have this name, because its log's name is taken.
pub fn is_reserved(session: &SessionId) -> bool {
    session_log(session) == latest_log()
}

/// `prompts/queue/{process}.txt`
pub fn queued_prompt(process: &ProcessId) -> String {
    format!("{QUEUE}/{process}.txt")
}

/// `prompts/archive/{process}.txt`
pub fn archived_prompt(process: &ProcessId) -> String {
    format!("{ARCHIVE}/{process}.txt")
}

/// `processes/{process}/{attempt}`
pub fn attempt_folder(process: &ProcessId, attempt: u32) -> String {
    format!("{PROCESSES}/{process}/{attempt}")
}

/// `state/outputs/{call}/{stream}`
pub(super) fn output(call: MessageId, stream: &str) -> String {
    format!("{OUTPUTS}/{call}/{stream}")
}

/// `state/workflows/{workflow}/step_{n}.json`
pub fn checkpoint(workflow: &WorkflowId, step: u32) -> String {
    format!("{WORKFLOWS}/{workflow}/step_{step}.json")
}

/// `state/shared/{key}.json`
pub fn shared_state(key: &Name) -> String {
    format!("{SHARED}/{key}.json")
}

/// `state/shared/{key}.json.new`: content that may not have a row yet.
pub fn new_shared_state(key: &Name) -> String {
    format!("{SHARED}/{key}.json.new")
}

/// `state/blobs/ab/{hash}`
pub fn blob(hash: &Hash) -> String {
    let hash = hash.as_str();
    format!("{BLOBS}/{}/{hash}", &hash[..2])
}

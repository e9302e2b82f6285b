//! Files by reference. Content first, row second: what this store returns is safe on disk.
//!
//! ```text
//! write a temporary file ► sync it ► rename it into place ► sync its folder ► Durable<Reference>
//! ```

use super::Home;
use super::home::{self, make_folder, private_file, sync_folder};
use crate::vocabulary::{Durable, Hash, Reference};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The content store of a home. Its methods block: call them from a blocking thread, or through
/// [`Files::run`].
#[derive(Debug, Clone)]
pub struct Files {
    home: Home,
}

/// Why content could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It was cleaned up after its time.
    #[error("the content {0} has expired")]
    Expired(Hash),
    /// No file holds it.
    #[error("the content {0} is missing")]
    Missing(Hash),
    /// What lies there is something else.
    #[error("{file} does not hold the content {hash} any more")]
    Damaged {
        /// Where it was looked for.
        file: String,
        /// What should be there.
        hash: Hash,
    },
    /// The file system said no.
    #[error("failed to read {file}: {source}")]
    Io {
        /// Which file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The journal could not say where it lies.
    #[error(transparent)]
    Fault(#[from] super::Fault),
}

impl Files {
    /// The files of this home.
    pub fn new(home: Home) -> Self {
        Self { home }
    }

    /// The home they lie in.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Runs blocking work on files off the actors' threads.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let files = self.clone();
        let joined = actix_rt::task::spawn_blocking(move || work(&files)).await;
        joined.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Puts content at a relative path, in place of what was there.
    pub fn publish(&self, relative: &str, content: &[u8]) -> io::Result<Durable<Reference>> {
        let path = self.home.within(relative)?;
        let folder = path.parent().unwrap_or(self.home.root());
        make_folder(folder)?;
        let temporary = temporary_in(folder);
        let written = write_synced(&temporary, content)
            .and_then(|()| fs::rename(&temporary, &path))
            .and_then(|()| sync_folder(folder));
        if let Err(error) = written {
            // What is left of it is debris; the sweep would find it too.
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
        Ok(Durable::vouched(Reference {
            hash: Hash::of(content),
            bytes: content.len() as u64,
            file: relative.to_owned(),
            line: None,
        }))
    }

    /// Puts content at the place that its hash names, where everybody who needs the same finds it. What lies
    /// there already is touched: a sweep that has listed it before lets it be.
    pub fn publish_by_hash(&self, content: &[u8]) -> io::Result<Durable<Reference>> {
        let hash = Hash::of(content);
        let file = home::blob(&hash);
        let path = self.home.within(&file)?;
        if fs::read(&path).is_ok_and(|there| there == content) && touch(&path)? {
            // Its name may be that of a server that was killed before it could sync it.
            let folder = path.parent().unwrap_or(self.home.root());
            sync_folder(folder)?;
            sync_folder(folder.parent().unwrap_or(self.home.root()))?;
            let bytes = content.len() as u64;
            return Ok(Durable::vouched(Reference { hash, bytes, file, line: None }));
        }
        self.publish(&file, content)
    }

    /// Makes a folder, and makes durable that it is there: also where somebody made it before, and was
    /// killed before its name was.
    pub fn make_place(&self, relative: &str) -> io::Result<()> {
        let path = self.home.within(relative)?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        let above = path.ancestors().skip(1);
        above.take_while(|folder| *folder != self.home.root()).try_for_each(sync_folder)
    }

    /// Makes a file that must not be there yet: `false` if it is there. Not durable: it is for those who
    /// live as long as the machine runs.
    pub fn create_exclusively(&self, relative: &str, content: &[u8]) -> io::Result<bool> {
        let path = self.home.within(relative)?;
        let mut file = match private_file().create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            result => result?,
        };
        file.write_all(content)?;
        Ok(true)
    }

    /// The first `length` bytes of a file.
    pub fn read_prefix(&self, relative: &str, length: u64) -> io::Result<Vec<u8>> {
        use std::io::Read;
        let mut content = Vec::new();
        fs::File::open(self.home.within(relative)?)?.take(length).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Moves a file durably within its folder, in place of what was there.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.home.within(from)?, self.home.within(to)?);
        fs::rename(from, &to)?;
        sync_folder(to.parent().unwrap_or(self.home.root()))
    }

    /// Gives content a second place, where it can stay when it leaves the first. The file counts as
    /// changed by that: a sweep that has listed it before lets it be.
    pub fn link(&self, from: &Reference, relative: &str) -> io::Result<Durable<Reference>> {
        let to = self.home.within(relative)?;
        let folder = to.parent().unwrap_or(self.home.root());
        let linked = Reference { file: relative.to_owned(), ..from.clone() };
        let temporary = temporary_in(folder);
        match fs::hard_link(self.home.within(&from.file)?, &temporary) {
            Ok(()) => {
                fs::rename(&temporary, &to)?;
                // Between two names of one file, of which an earlier try made the second, a rename
                // does nothing and leaves both.
                let _ = fs::remove_file(&temporary);
            }
            // It has left its first place before.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.read(&linked).is_ok() => {
            }
            Err(error) => return Err(error),
        }
        sync_folder(folder)?;
        Ok(Durable::vouched(linked))
    }

    /// Writes a line into a file at `offset`, after cutting off whatever lies beyond it. Where nothing was
    /// committed yet, what is no beginning of this line is somebody's: it is not cut, but damage.
    pub fn write_line(
        &self,
        relative: &str,
        offset: u64,
        number: u64,
        content: &[u8],
    ) -> io::Result<Durable<Reference>> {
        use std::io::Seek;
        let path = self.home.within(relative)?;
        let is_new = !path.exists();
        let mut file = private_file().open(&path)?;
        let length = file.metadata()?.len();
        if length < offset {
            let text = format!("{relative} has {length} bytes, but {offset} were committed");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        if offset == 0 && length > 0 {
            refuse_foreign(&mut file, relative, content)?;
        }
        file.set_len(offset)?;
        file.seek(io::SeekFrom::Start(offset))?;
        file.write_all(content)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        if is_new || offset == 0 {
            sync_folder(path.parent().unwrap_or(self.home.root()))?;
        }
        Ok(Durable::vouched(Reference {
            hash: Hash::of(content),
            bytes: content.len() as u64,
            file: relative.to_owned(),
            line: Some(number),
        }))
    }

    /// Points the link at `relative` to `target`, a file in the same folder. Not durable: it is only
    /// a convenience.
    pub fn point(&self, relative: &str, target: &str) -> io::Result<()> {
        let link = self.home.within(relative)?;
        let temporary = temporary_in(link.parent().unwrap_or(self.home.root()));
        let _ = fs::remove_file(&temporary);
        std::os::unix::fs::symlink(target, &temporary)?;
        fs::rename(&temporary, &link).inspect_err(|_| {
            let _ = fs::remove_file(&temporary);
        })
    }

    /// Reads a file, or the line of it that is meant, and checks that it is what the reference says.
    pub fn read(&self, reference: &Reference) -> Result<Vec<u8>, ReadError> {
        let file = reference.file.clone();
        let read = self.home.within(&file).and_then(fs::read);
        match read.map(|content| part(content, reference.line)) {
            Ok(Some(content)) if Hash::of(&content) == reference.hash => Ok(content),
            Ok(_) => Err(ReadError::Damaged { file, hash: reference.hash.clone() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ReadError::Missing(reference.hash.clone()))
            }
            Err(source) => Err(ReadError::Io { file, source }),
        }
    }

    /// Removes a file that no row names any more; that it is gone already is fine.
    pub fn remove(&self, relative: &str) -> io::Result<()> {
        match fs::remove_file(self.home.within(relative)?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

/// Has a file count as changed now, which its content is not; `false`: it has gone.
fn touch(path: &Path) -> io::Result<bool> {
    match fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        result => result.map(|()| true),
    }
}

/// What of a file a reference means: a line, from 1, or all of it.
fn part(content: Vec<u8>, line: Option<u64>) -> Option<Vec<u8>> {
    let Some(line) = line else { return Some(content) };
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    content.split(|byte| *byte == b'\n').nth(index).map(<[u8]>::to_vec)
}

/// Refuses a file that holds another whole line than `content`: an earlier try at this line was torn by a
/// crash at worst.
fn refuse_foreign(file: &mut fs::File, relative: &str, content: &[u8]) -> io::Result<()> {
    let mut first = Vec::new();
    let longest = content.len() as u64 + 2;
    io::Read::read_to_end(&mut io::Read::take(&mut *file, longest), &mut first)?;
    // What a crash has not let onto the disk is zeros.
    let mut pairs = first.iter().zip(content.iter().chain(b"\n"));
    if first.len() <= content.len() + 1 && pairs.all(|(found, ours)| [*ours, 0].contains(found)) {
        return Ok(());
    }
    let text = format!("{relative} holds lines, but none was committed: move it away, then retry");
    Err(io::Error::new(io::ErrorKind::InvalidData, text))
}

/// Whether a path is one of [`temporary_in`].
pub(super) fn is_temporary(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with(TEMPORARY))
}

const TEMPORARY: &str = ".tmp-";

fn temporary_in(folder: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{TEMPORARY}{}-{number}", std::process::id()))
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private_file().truncate(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

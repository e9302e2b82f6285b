//! [`Folder`]: an attempt's folder on disk.

use super::claim::{By, Claim, Note};
use super::execute::{Executed, Work};
use super::exit::{Exit, Remains, Sum};
use super::line::Line;
use super::room;
use super::writer::appending;
use crate::journal::{Files, home};
use crate::processes::command::Ended;
use crate::processes::effect::Attempt;
use crate::processes::identity::Executor;
use crate::processes::metrics::Metrics;
use crate::processes::site::Worked;
use crate::vocabulary::{Durable, Hash, ProcessId, Reference, Timestamp};
use serde::Serialize;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The session's line to be, where a program worked on files.
const AMENDED: &str = "outcome.files";

/// An attempt's folder on disk. Its methods block.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) files: Files,
    relative: String,
}

/// What is found in a folder.
#[derive(Debug)]
pub(super) enum Found {
    /// Nobody has worked in it.
    Free,
    /// It has ended like this.
    Ended(Ended),
    /// A task of this process works in it.
    Ours,
    /// This process works in it.
    Held(Note),
    /// Whoever worked in it has gone without a word.
    Lost(Note),
}

impl Folder {
    pub(super) fn of(files: &Files, attempt: &Attempt) -> Self {
        Self::at(files, &attempt.process_id, attempt.number)
    }

    pub(super) fn at(files: &Files, process: &ProcessId, attempt: u32) -> Self {
        Self { files: files.clone(), relative: home::attempt_folder(process, attempt) }
    }

    fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.relative)
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.files.home().path(&self.name(file))
    }

    fn key(&self) -> String {
        self.path("").display().to_string()
    }

    // ---- who works in it ----

    /// What is in it.
    pub(super) fn look(&self) -> io::Result<Found> {
        if let Some(ended) = self.exit()? {
            return Ok(Found::Ended(ended));
        }
        if Claim::is_taken(&self.key()) {
            return Ok(Found::Ours);
        }
        // A claim that was cut off by a crash names nobody: its owner never got to work.
        let Some(note) = self.note()? else { return Ok(Found::Free) };
        if note.executor != Executor::this() && self.is_alive(&note)? {
            return Ok(Found::Held(note));
        }
        // It may have ended in order between the first look and the second.
        Ok(self.exit()?.map_or(Found::Lost(note), Found::Ended))
    }

    /// Claims a folder that was found free, for a task of this process; `None`: somebody was faster.
    pub(super) fn claim(&self) -> io::Result<Option<Claim>> {
        let Some(claim) = Claim::take(&self.key()) else { return Ok(None) };
        self.files.make_place(&self.relative)?;
        let this = json(&Note { executor: Executor::this(), by: By::Server })?;
        if self.files.create_exclusively(&self.name("claim"), &this)? {
            return Ok(Some(claim));
        }
        if self.note()?.is_some() {
            return Ok(None);
        }
        self.files.publish(&self.name("claim"), &this)?;
        Ok(Some(claim))
    }

    /// Claims it for this shim, which works in it alone. The claim appears whole and locked, and is
    /// locked for as long as the file that is given back is open. `None`: somebody was faster.
    pub(super) fn claim_as_shim(&self) -> io::Result<Option<File>> {
        room::expect_some(self.files.home().root())?;
        self.files.make_place(&self.relative)?;
        let draft = self.path(&format!(".claim-{}", std::process::id()));
        let claimed =
            self.link_locked(&draft, &json(&Note { executor: Executor::this(), by: By::Shim })?);
        let removed = fs::remove_file(&draft);
        match claimed {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            claimed => removed.and(claimed.map(Some)),
        }
    }

    fn link_locked(&self, draft: &Path, content: &[u8]) -> io::Result<File> {
        // One of a shim that had this number before, and was killed.
        let _is_not_there = fs::remove_file(draft);
        let mut lock = appending(draft)?;
        lock.write_all(content)?;
        lock.lock()?;
        fs::hard_link(draft, self.path("claim"))?;
        Ok(lock)
    }

    /// Takes away a claim that names nobody, so that a shim can make its own.
    pub(super) fn clear_torn_claim(&self) -> io::Result<()> {
        if self.path("claim").exists() && self.note()?.is_none() {
            fs::remove_file(self.path("claim"))?;
        }
        Ok(())
    }

    /// Who has claimed it, if somebody can be named.
    fn note(&self) -> io::Result<Option<Note>> {
        let text = self.read("claim")?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    /// By its identity; or by its lock, where it lives in another namespace of process numbers.
    fn is_alive(&self, note: &Note) -> io::Result<bool> {
        if note.executor.is_alive() {
            return Ok(true);
        }
        match File::open(self.path("claim"))?.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Notes the program that a shim holds, for people: nobody relies on it.
    pub(super) fn note_child(&self, child: &Executor) -> io::Result<()> {
        appending(&self.path("child"))?.write_all(&json(child)?)
    }

    /// Whether there is anything still to write into: a home that was taken away, with a shim at work in
    /// it, is not made again.
    pub(super) fn is_there(&self) -> bool {
        self.path("").is_dir()
    }

    // ---- how it ends ----

    /// Sums up what a shim leaves, and makes it durable.
    pub(super) fn sum_up(&self) -> io::Result<Remains> {
        Sum::of_synced(&self.path("words"))?;
        let stdout = Sum::of_synced(&self.path("stdout"))?;
        let stderr = Sum::of_synced(&self.path("stderr"))?;
        Ok(Remains { child: None, stdout, stderr })
    }

    /// Makes an end durable.
    pub(super) fn end(&self, ended: Ended, remains: Remains) -> io::Result<Ended> {
        let exit = Exit { ended, remains };
        if !self.is_there() {
            return Ok(exit.ended);
        }
        self.files.publish(&self.name("exit"), &json(&exit)?)?;
        Ok(exit.ended)
    }

    /// Makes an answer durable, and then that the attempt has ended with it.
    pub(super) fn answer(
        &self,
        work: &Work,
        executed: &Executed,
        remains: Remains,
        duration_ms: u64,
        timestamp: Timestamp,
    ) -> io::Result<Ended> {
        let metrics = Metrics {
            tokens_in: executed.tokens_in,
            tokens_out: executed.tokens_out,
            cost_usd: executed.cost_usd,
            duration_ms,
        };
        let line = json(&Line::of(work, executed, metrics, timestamp))?;
        if !self.is_there() {
            return Ok(Ended::Lost { why: "its folder was taken away".into() });
        }
        let spool = self.files.publish(&self.name("outcome"), &line)?;
        self.end(Ended::Answered { spool, metrics }, remains)
    }

    /// The answer with what became of files in it, if that was written: it is not asked again then.
    pub(super) fn amended(&self) -> io::Result<Option<Durable<Reference>>> {
        let Some(line) = self.read(AMENDED)? else { return Ok(None) };
        // A server that was killed may have left it without syncing its name.
        self.files.publish(&self.name(AMENDED), &line).map(Some)
    }

    /// The answer, with what became of files in it. Durable. `None`: it is no answer any more.
    pub(super) fn amend(&self, worked: &Worked) -> io::Result<Option<Durable<Reference>>> {
        type Line = serde_json::Map<String, serde_json::Value>;
        let line =
            self.read("outcome")?.and_then(|line| serde_json::from_slice::<Line>(&line).ok());
        let Some(mut line) = line else { return Ok(None) };
        line.insert("files".into(), serde_json::to_value(worked)?);
        self.files.publish(&self.name(AMENDED), &json(&line)?).map(Some)
    }

    /// How the attempt ended, if it has; an answer only if it is still whole. What is damaged will not
    /// mend by waiting: it is lost.
    fn exit(&self) -> io::Result<Option<Ended>> {
        let Some(text) = self.read("exit")? else { return Ok(None) };
        let Ok(Exit { ended, .. }) = serde_json::from_slice(&text) else {
            return Ok(Some(Ended::Lost { why: "the note of its end was damaged on disk".into() }));
        };
        if let Ended::Answered { spool, .. } = &ended {
            let outcome = self.read("outcome")?;
            if outcome.is_none_or(|outcome| Hash::of(&outcome) != spool.hash) {
                let why = "its answer was damaged on disk".into();
                return Ok(Some(Ended::Lost { why }));
            }
        }
        Ok(Some(ended))
    }

    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            result => result.map(Some),
        }
    }
}

fn json<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Home;

    /// An attempt's folder that holds these files.
    fn folder(home: &tempfile::TempDir, files: &[(&str, &[u8])]) -> Folder {
        let folder = Folder {
            files: Files::new(Home::look(home.path(), home.path().join("callboard.db")).unwrap()),
            relative: "processes/p/1".into(),
        };
        for (file, content) in files {
            folder.files.publish(&folder.name(file), content).unwrap();
        }
        folder
    }

    /// What a later server finds in such a folder.
    fn found(files: &[(&str, &[u8])]) -> Found {
        folder(&tempfile::tempdir().unwrap(), files).look().unwrap()
    }

    #[test]
    fn a_note_or_an_answer_that_was_damaged_is_lost_and_nobody_waits_for_it() {
        let spool = Reference {
            hash: Hash::of(b"answer"),
            bytes: 6,
            file: "processes/p/1/outcome".into(),
            line: None,
        };
        let ended =
            serde_json::json!({ "how": "answered", "spool": spool, "metrics": Metrics::default() });
        let exit = ended.to_string();
        let exit = ("exit", exit.as_bytes());
        for damaged in [&[("exit", b"".as_slice())][..], &[exit], &[exit, ("outcome", b"answ")]] {
            let found = found(damaged);
            assert!(matches!(found, Found::Ended(Ended::Lost { .. })), "{damaged:?}: {found:?}");
        }
        let whole = found(&[exit, ("outcome", b"answer")]);
        assert!(matches!(whole, Found::Ended(Ended::Answered { .. })), "{whole:?}");
    }

    #[test]
    fn a_claim_that_was_cut_off_names_nobody_and_is_taken_over() {
        let home = tempfile::tempdir().unwrap();
        let folder = folder(&home, &[("claim", b"{\"boot_id\"")]);
        assert!(matches!(folder.look().unwrap(), Found::Free));
        folder.clear_torn_claim().unwrap();
        assert!(folder.claim_as_shim().unwrap().is_some());
        assert!(folder.claim().unwrap().is_none(), "it is claimed");
        folder.clear_torn_claim().unwrap();
        assert!(folder.path("claim").exists(), "a whole claim stays");
    }

    #[test]
    fn a_lock_is_believed_where_the_process_number_means_nothing() {
        let home = tempfile::tempdir().unwrap();
        let folder = folder(&home, &[]);
        let lock = folder.claim_as_shim().unwrap().unwrap();
        assert!(folder.claim_as_shim().unwrap().is_none(), "it is claimed");
        let note = folder.note().unwrap().unwrap();
        let elsewhere = Executor { started: note.executor.started + 1, ..note.executor };
        let note = Note { executor: elsewhere, ..note };
        assert!(folder.is_alive(&note).unwrap());
        drop(lock);
        assert!(!folder.is_alive(&note).unwrap());
    }

    #[test]
    fn the_note_of_an_end_is_read_back_with_what_a_shim_left() {
        let home = tempfile::tempdir().unwrap();
        let folder = folder(&home, &[("stdout", b"abc")]);
        let remains = folder.sum_up().unwrap();
        let ended = Ended::passing("exit code 3");
        folder.end(ended.clone(), remains.clone()).unwrap();
        let text = folder.read("exit").unwrap().unwrap();
        let exit: Exit = serde_json::from_slice(&text).unwrap();
        assert_eq!(exit, Exit { ended, remains });
        assert!(exit.remains.stdout.is_some() && exit.remains.stderr.is_none());
    }
}

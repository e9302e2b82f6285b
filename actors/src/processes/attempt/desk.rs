//! [`Desk`]: what a runtime has at hand while it works on an attempt: places for its words, and, in a
//! shim, a program that is held for it.
//!
//! A program writes into the attempt's own files, so that every byte of it is there whoever dies. It
//! leads a process group, bears the shim's mark, and goes when the desk is closed, with all that came
//! out of it.

use super::exit::{ChildEnd, Remains};
use super::family::Family;
use super::folder::Folder;
use super::grip::Grip;
use super::heir;
use super::patience::patiently;
use super::room::Room;
use super::writer::{Writer, appending};
use crate::processes::identity::Executor;
use std::cell::{Cell, RefCell};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command};
use std::rc::Rc;
use std::time::Duration;

/// What a runtime has at hand. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: Folder,
    /// Those whom this attempt's programs bring about; `None`: this is no shim, and holds none.
    family: Option<Family>,
    writers: RefCell<Vec<Writer>>,
    child: RefCell<Option<Child>>,
    end: Cell<Option<ChildEnd>>,
}

/// A program that is held.
#[derive(Debug)]
pub struct Guest {
    desk: Desk,
    who: Executor,
    room: Option<Room>,
    /// Where it reads from, if that was asked for.
    pub stdin: Option<ChildStdin>,
}

impl Desk {
    /// In a process that does much else.
    pub(super) fn here(folder: Folder) -> Self {
        Self::new(folder, None)
    }

    /// In a shim.
    pub(super) fn in_shim(folder: Folder) -> Self {
        Self::new(folder, Some(Family::of(Executor::this())))
    }

    fn new(folder: Folder, family: Option<Family>) -> Self {
        let (writers, child, end) = (RefCell::default(), RefCell::default(), Cell::default());
        Self(Rc::new(Inner { folder, family, writers, child, end }))
    }

    /// Where the model's words go.
    pub fn words(&self) -> Writer {
        self.writer("stdout")
    }

    /// Where the model's words go when a program's `stdout` is in another format: who follows the
    /// attempt follows this then. To be asked for before the program is started.
    pub fn words_beside_stdout(&self) -> Writer {
        let writer = self.writer("words");
        // Its being there is what tells followers where to look.
        let _not_yet = writer.flush();
        writer
    }

    fn writer(&self, file: &str) -> Writer {
        let writer = Writer::at(self.0.folder.path(file));
        self.0.writers.borrow_mut().push(writer.clone());
        writer
    }

    /// Where a program's `stdout` lies.
    pub fn stdout(&self) -> PathBuf {
        self.0.folder.path("stdout")
    }

    /// Where a program's `stderr` lies.
    pub fn stderr(&self) -> PathBuf {
        self.0.folder.path("stderr")
    }

    /// Where a file of the home lies.
    pub fn in_home(&self, relative: &str) -> PathBuf {
        self.0.folder.files.home().path(relative)
    }

    /// Starts a program, with the attempt's files for its output. Fails where the desk is in no shim.
    pub fn start(&self, command: &mut Command) -> io::Result<Guest> {
        let Some(family) = &self.0.family else {
            return Err(io::Error::other("only a shim holds programs: unset in_process"));
        };
        let (name, value) = family.mark();
        command.env(name, value).process_group(0);
        let stdout = appending(&self.stdout())?;
        let room = Room::ahead_of(stdout.try_clone()?)?;
        command.stdout(stdout).stderr(appending(&self.stderr())?);
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        // It is our child and was not waited for: even if it has ended, its remains have its number.
        let who = Executor::of(child.id());
        self.0.child.replace(Some(child));
        let who = who.ok_or_else(|| io::Error::other("the program cannot be found in /proc"))?;
        // For people: who belongs to the attempt is known by its mark. A full disk is no reason to fail.
        if let Err(error) = self.0.folder.note_child(&who) {
            tracing::warn!(%error, "failed to note an attempt's program");
        }
        Ok(Guest { desk: self.clone(), who, room: Some(room), stdin })
    }

    /// The number of the program that is held, until it has been waited for.
    pub(super) fn program(&self) -> Option<u32> {
        self.0.child.borrow().as_ref().map(Child::id)
    }

    /// Ends what came out of this attempt, writes the words that still wait, and sums up.
    pub(super) async fn close(&self) -> Remains {
        if let Some(family) = &self.0.family {
            family.end().await;
            self.reap();
            heir::take_away(None);
        }
        self.flush().await;
        if self.0.family.is_none() {
            return Remains::default();
        }
        let folder = self.0.folder.clone();
        let remains = patiently(&self.0.folder.files, move || folder.sum_up()).await;
        Remains { child: self.0.end.get(), ..remains }
    }

    fn reap(&self) {
        let child = self.0.child.take();
        if let Some(status) = child.and_then(|mut child| child.wait().ok()) {
            self.0.end.set(Some(status.into()));
        }
    }

    async fn flush(&self) {
        let mut wait = Duration::from_millis(50);
        for writer in self.0.writers.take() {
            while let Err(error) = writer.flush() {
                if !self.0.folder.is_there() {
                    return;
                }
                tracing::warn!(%error, "failed to write what the model said: trying again");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
        }
    }
}

impl Guest {
    /// Waits until the program has ended; what it has started is ended with it. Fails where the disk was
    /// full, so that not all that it said may be there.
    pub async fn ended(&mut self) -> io::Result<ChildEnd> {
        let Some(mut room) = self.room.take() else { return Err(waited_for()) };
        let end = tokio::select! {
            end = self.end() => end?,
            never = room.keep() => match never {},
        };
        room.close()?;
        Ok(end)
    }

    async fn end(&self) -> io::Result<ChildEnd> {
        if let Some(grip) = Grip::of(&self.who)? {
            grip.ended().await?;
        }
        self.desk.reap();
        if let Some(family) = &self.desk.0.family {
            family.end().await;
        }
        self.desk.0.end.get().ok_or_else(waited_for)
    }
}

fn waited_for() -> io::Error {
    io::Error::other("the program was waited for already")
}

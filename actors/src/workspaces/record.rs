//! [`Workspaces`]: the records of all workspaces: what was changed in them; and the way by which something is changed, or
//! taken back.

use super::bounds::Bounds;
use super::command::{By, Command, Order, Refusal, Settled, Undo};
use super::event::Event;
use super::guard::Guard;
use super::net::{Net, net};
use super::planned::{Compared, Planned, compare, store};
use super::root::Root;
use super::state::{Entry, Workspace};
use super::trouble::Trouble;
use crate::entity::{Directory, Receipt, TellError};
use crate::journal::{Fault, Files, Journal, MessageKind};
use crate::machine::{Machine as _, tagged};
use crate::shared::{Turn, Turns};
use crate::vocabulary::{MessageId, Name, Position, WorkflowId, Workplace};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The records of all workspaces. Clones share them.
#[derive(Clone, Debug)]
pub struct Workspaces {
    directory: Directory<Workspace>,
    turns: Turns,
    guard: Guard,
    bounds: Bounds,
    known: Arc<Mutex<HashMap<WorkflowId, Record>>>,
}

/// What is known of a workspace.
#[derive(Debug, Default)]
pub struct Record {
    /// How it stands.
    pub workspace: Workspace,
    /// Where its changes stand in the journal, in their order.
    positions: Vec<Position>,
    /// Up to where its stream was read.
    head: Position,
}

/// How files are to be again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// As they were before the first change.
    Beginning,
    /// As they were when the journal had come to this position.
    Position(Position),
    /// As they were after this change; also one before an undo.
    Change(u32),
}

/// What was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone {
    /// The changes by which it was.
    pub changes: Vec<Entry>,
    /// Files that somebody else had changed since: nothing was done.
    pub conflicts: Vec<String>,
    /// Files in whose place something is that cannot be kept and replaced, and what: by force the others were taken back,
    /// without it nothing was.
    pub blocked: BTreeMap<String, String>,
}

impl Record {
    fn take(&mut self, message: &crate::journal::Message) -> Result<(), Fault> {
        self.head = self.head.max(message.position);
        if message.kind != MessageKind::Event {
            return Ok(());
        }
        let event: Event =
            tagged::join(&message.event_type, message.data.get()).map_err(Fault::reading)?;
        if matches!(event, Event::Ordered { .. }) {
            self.positions.push(message.position);
        }
        self.workspace.apply(&event);
        Ok(())
    }

    /// Each change, and where it stands in the journal.
    pub fn entries(&self) -> impl Iterator<Item = (&Entry, Position)> {
        self.workspace.changes().iter().zip(self.positions.iter().copied())
    }

    /// How many changes there were at a position.
    fn until(&self, position: Position) -> u32 {
        let count = self.positions.iter().filter(|at| **at <= position).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn of_call(&self, call: MessageId) -> impl Iterator<Item = &Entry> {
        self.workspace.changes().iter().filter(move |entry| entry.change.by.call == call)
    }
}

/// What was changed behind a position.
pub(super) async fn entries_after(
    journal: &Journal,
    record: &WorkflowId,
    position: Position,
) -> Result<Vec<Entry>, Fault> {
    let loaded = journal.load(Directory::<Workspace>::stream(&record.0), 0).await?;
    let mut known = Record::default();
    loaded.messages.iter().try_for_each(|message| known.take(message))?;
    let behind = known.entries().filter(|(_, at)| *at > position);
    Ok(behind.map(|(entry, _)| entry.clone()).collect())
}

impl Workspaces {
    /// So many records are kept in memory.
    const MOST_KNOWN: usize = 64;

    /// The records that these hosts keep.
    pub fn new(directory: Directory<Workspace>, turns: Turns) -> Self {
        let guard = Guard::new(directory.journal().files().home());
        Self { directory, turns, guard, bounds: Bounds::default(), known: Arc::default() }
    }

    /// The same, for somebody who may see and change no more than this.
    #[must_use]
    pub fn within(&self, bounds: Bounds) -> Self {
        Self { bounds, ..self.clone() }
    }

    /// The entities behind them.
    pub fn directory(&self) -> &Directory<Workspace> {
        &self.directory
    }

    /// What no agent sees.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    fn journal(&self) -> &Journal {
        self.directory.journal()
    }

    /// Looks at a record as it is now.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub async fn look<T>(
        &self,
        record: &WorkflowId,
        look: impl FnOnce(&Record) -> T,
    ) -> Result<T, Fault> {
        loop {
            let head = self.known().get(record).map_or(0, |known| known.head);
            let stream = Directory::<Workspace>::stream(&record.0);
            let loaded = self.journal().load(stream, head).await?;
            let mut all = self.known();
            if all.len() >= Self::MOST_KNOWN && !all.contains_key(record) {
                all.clear();
            }
            let known = all.entry(record.clone()).or_default();
            // A record that was forgotten meanwhile is read again; one that somebody else has read on is that far.
            if known.head < head {
                continue;
            }
            let since = known.head;
            let mut new = loaded.messages.iter().filter(|message| message.position > since);
            new.try_for_each(|message| known.take(message))?;
            return Ok(look(known));
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<WorkflowId, Record>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads in a workspace, off the actors' threads.
    ///
    /// # Errors
    /// As the work says; or if the folder is not there.
    pub async fn read<T: Send + 'static>(
        &self,
        place: &Workplace,
        work: impl FnOnce(&Root) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.run(place, move |root, _| work(root)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        place: &Workplace,
        work: impl FnOnce(&Root, &Files) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (place, guard, bounds) = (place.clone(), self.guard.clone(), self.bounds.clone());
        let run = self.journal().files();
        let run = run.run(move |files| {
            Ok(Root::open(&place, &guard).and_then(|root| work(&root.within(bounds), files)))
        });
        run.await.unwrap_or_else(|error| Err(Trouble::Passing(error.to_string())))
    }

    /// Has a record begin, if it has not: of this folder, with the files of another if it is a fork's. It is done when the
    /// files are there.
    ///
    /// # Errors
    /// If it cannot; a fork's also if its files could not be brought there.
    pub async fn open(&self, record: &WorkflowId, order: Order) -> Result<(), Trouble> {
        let id = MessageId::derived(&["workspace open", record.0.as_str(), &order.folder]);
        self.tell(record, id, Command::Open(order)).await?;
        self.settled(record).await?;
        let why = self.look(record, |known| known.workspace.is_unfilled().map(str::to_owned));
        match why.await.map_err(|error| fault(&error))? {
            None => Ok(()),
            Some(why) => Err(Trouble::Refused(why)),
        }
    }

    async fn tell(
        &self,
        record: &WorkflowId,
        id: MessageId,
        command: Command,
    ) -> Result<Receipt, Trouble> {
        self.directory.tell(&record.0, id, command).await.map_err(|error| match error {
            TellError::Refused(Refusal::Busy) => Trouble::Passing(Refusal::Busy.to_string()),
            error if error.is_passing() => Trouble::Passing(error.to_string()),
            error => Trouble::Refused(error.to_string()),
        })
    }

    async fn turn(&self, record: &WorkflowId) -> Turn {
        self.turns.take(&Name::derived(&["workspace", record.0.as_str()])).await
    }

    /// Waits until nothing is under way.
    async fn settled(&self, record: &WorkflowId) -> Result<(), Trouble> {
        loop {
            let look = |known: &Record| (known.workspace.is_busy(), known.head);
            let (is_busy, head) = self.look(record, look).await.map_err(|error| fault(&error))?;
            if !is_busy {
                return Ok(());
            }
            let found = self.directory.find_event(&record.0, head, |_| Some(())).await;
            found.map_err(|error| Trouble::Passing(error.to_string()))?;
        }
    }

    /// Changes files: `plan` looks at them and says what is to become of them. The same call again changes nothing, and
    /// comes to what it came to before. `None`: nothing had to be changed.
    ///
    /// # Errors
    /// As `plan` says; or if somebody else has changed a file in between.
    pub async fn change(
        &self,
        place: &Workplace,
        by: By,
        plan: impl FnOnce(&Root) -> Result<Planned, Trouble> + Send + 'static,
    ) -> Result<Option<Entry>, Trouble> {
        let (record, call) = (&place.record, by.call);
        let _turn = self.turn(record).await;
        self.settled(record).await?;
        if let Some(before) = self.of_call(record, call).await?.pop() {
            return came_to(before).map(Some);
        }
        let within = place.clone();
        let change = self.run(place, move |root, files| {
            let planned = plan(root)?;
            store(files, &within, planned, by)
        });
        let change = change.await?;
        if change.touches.iter().all(|touch| touch.before == touch.after) {
            return Ok(None);
        }
        let is_there = |known: &Record| known.workspace.folder().is_some();
        // A fork's is there before the fork is.
        if !self.look(record, is_there).await.map_err(|error| fault(&error))? {
            self.open(record, Order { folder: place.folder.clone(), origin: None }).await?;
        }
        let id = MessageId::derived(&["workspace change", &call.to_string()]);
        self.tell(record, id, Command::Change(Box::new(change))).await?;
        self.settled(record).await?;
        let entry = self.of_call(record, call).await?.pop();
        let lost = || Trouble::Passing("the change is not on the record".into());
        came_to(entry.ok_or_else(lost)?).map(Some)
    }

    /// What a call has changed, whatever the files are by now; `None`: nothing.
    ///
    /// # Errors
    /// If it could not be looked at.
    pub async fn made(
        &self,
        record: &WorkflowId,
        call: MessageId,
    ) -> Result<Option<Entry>, Trouble> {
        self.settled(record).await?;
        let entry = self.of_call(record, call).await?.pop();
        Ok(entry.filter(|entry| entry.settled == Some(Settled::Done)))
    }

    async fn of_call(&self, record: &WorkflowId, call: MessageId) -> Result<Vec<Entry>, Trouble> {
        let entries = |known: &Record| known.of_call(call).cloned().collect();
        self.look(record, entries).await.map_err(|error| fault(&error))
    }

    /// Takes back what was changed since a moment. Where somebody else has changed a file
    /// since, nothing is done, unless by `force`: then what they made of it is kept, too, and can be had back by undoing
    /// this.
    ///
    /// # Errors
    /// If it could not be looked at, or there is nothing on the record.
    pub async fn undo(
        &self,
        place: &Workplace,
        to: Moment,
        force: bool,
        by: By,
    ) -> Result<Undone, Trouble> {
        let (record, call) = (&place.record, by.call);
        let _turn = self.turn(record).await;
        self.settled(record).await?;
        let changes = self.of_call(record, call).await?;
        if !changes.is_empty() {
            return Ok(Undone { changes, ..Undone::default() });
        }
        let (keep, of, net) =
            self.look(record, |known| known.to_undo(to)).await.map_err(|error| fault(&error))?;
        if keep > of {
            let text = format!("there is no change {keep}: the last one is {of}");
            return Err(Trouble::Refused(text));
        }
        if net == Net::default() {
            return Ok(Undone::default());
        }
        let planned = net.clone();
        let compared =
            self.run(place, move |root, files| compare(root, files, &planned, force)).await?;
        let Compared { found, conflicts, blocked } = compared;
        let is_blocked = !blocked.is_empty() && !force;
        if !conflicts.is_empty() || is_blocked || net.is_all_in(&blocked) {
            return Ok(Undone { changes, conflicts, blocked });
        }
        let leave = blocked.keys().cloned().collect();
        let undo = Undo { keep, of, found, leave, by };
        let id = MessageId::derived(&["workspace undo", &call.to_string()]);
        self.tell(record, id, Command::Undo(Box::new(undo))).await?;
        self.settled(record).await?;
        let changes = self.of_call(record, call).await?;
        Ok(Undone { changes, conflicts, blocked })
    }
}

impl Record {
    /// How many changes stay, of how many; and what the others come to.
    fn to_undo(&self, to: Moment) -> (u32, u32, Net) {
        let keep = match to {
            Moment::Beginning => 0,
            Moment::Position(position) => self.until(position),
            Moment::Change(number) => number,
        };
        let of = u32::try_from(self.workspace.changes().len()).unwrap_or(u32::MAX);
        let later = self.workspace.changes().iter().filter(|entry| entry.number > keep);
        (keep, of, net(later))
    }
}

fn came_to(entry: Entry) -> Result<Entry, Trouble> {
    match &entry.settled {
        Some(Settled::Conflict { path, why, .. }) => {
            Err(Trouble::Refused(format!("{path:?} was not changed: {why}")))
        }
        _ => Ok(entry),
    }
}

fn fault(fault: &Fault) -> Trouble {
    Trouble::Passing(fault.to_string())
}

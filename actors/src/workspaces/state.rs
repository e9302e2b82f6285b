//! The workspace's machine: what was changed in its folder, and what is being changed.

use super::command::{Change, Command, FileState, Order, Origin, Refusal, Settled, Touch, Undo};
use super::effect::Effect;
use super::event::Event;
use super::net::net;
use crate::machine::{Context, Held, Machine, Row, Want};
use crate::vocabulary::{EffectKey, Timestamp, Topic, WorkflowId};
use std::collections::BTreeMap;

/// A folder, and all that was changed in it.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Workspace {
    pub(super) facts: Option<Facts>,
}

/// What is known of one that is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) record: WorkflowId,
    pub(super) folder: String,
    pub(super) origin: Option<Origin>,
    pub(super) filling: Filling,
    /// All changes, in their order; number `n` is at `n - 1`.
    pub(super) changes: Vec<Entry>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// Whether the files are there with which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filling {
    Under,
    Done,
    Failed(String),
}

/// A change, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which, from 1.
    pub number: u32,
    /// What was to be done.
    pub change: Change,
    /// What it came to; `None`: it is under way, or waits.
    pub settled: Option<Settled>,
    /// When it was asked for.
    pub at: Timestamp,
}

impl Entry {
    /// Whether all of it was done.
    pub fn is_done(&self) -> bool {
        matches!(self.settled, Some(Settled::Done))
    }

    /// What of it was done.
    pub fn done(&self) -> impl Iterator<Item = &Touch> {
        let touches = self.change.touches.iter().enumerate();
        touches
            .filter(|(index, _)| match &self.settled {
                Some(Settled::Done) => true,
                Some(Settled::Conflict { done, .. }) => done.contains(index),
                None => false,
            })
            .map(|(_, touch)| touch)
    }
}

impl Facts {
    fn under_way(&self) -> Option<&Entry> {
        self.changes.iter().find(|entry| entry.settled.is_none())
    }

    fn is_open(&self) -> Result<(), Refusal> {
        match &self.filling {
            Filling::Under => Err(Refusal::Busy),
            Filling::Failed(why) => Err(Refusal::Unfilled(why.clone())),
            Filling::Done if self.under_way().is_some() => Err(Refusal::Busy),
            Filling::Done => Ok(()),
        }
    }

    fn next(&self) -> u32 {
        u32::try_from(self.changes.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn ordered(&self, number: u32, change: Change, at: Timestamp) -> Event {
        let workspace_id = self.record.clone();
        Event::Ordered { workspace_id, number, change: Box::new(change), at }
    }

    fn change(&self, change: &Change, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.is_open()?;
        if change.touches.iter().all(|touch| touch.before == touch.after) {
            return Err(Refusal::Nothing);
        }
        Ok(vec![self.ordered(self.next(), change.clone(), at)])
    }

    /// One change a file, so that one that somebody else has changed keeps none of the others.
    fn undo(&self, undo: &Undo, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.is_open()?;
        let Undo { keep, of, found, leave, by } = undo;
        if self.next() != of + 1 {
            return Err(Refusal::MovedOn);
        }
        let mut net = net(self.changes.iter().filter(|entry| entry.number > *keep));
        net.files.retain(|path, _| !leave.contains(path));
        let touch = |(path, (target, left)): (&String, &(Option<FileState>, Option<FileState>))| {
            let before = found.get(path).unwrap_or(left).clone();
            let (path, after) = (path.clone(), target.clone());
            (before != after).then_some(Touch { path, before, after })
        };
        let touches = net.files.iter().rev().filter_map(touch).map(|touch| vec![touch]);
        let change =
            |touches| Change { touches, make: Vec::new(), remove: Vec::new(), by: by.clone() };
        let mut changes: Vec<Change> = touches.map(change).collect();
        if changes.is_empty() && !(net.gone.is_empty() && net.made.is_empty()) {
            changes.push(change(Vec::new()));
        }
        if let Some(first) = changes.first_mut() {
            first.make = net.gone;
        }
        if let Some(last) = changes.last_mut() {
            last.remove = net.made;
        }
        Ok((self.next()..).zip(changes).map(|(n, change)| self.ordered(n, change, at)).collect())
    }

    fn report(&self, number: u32, settled: &Settled, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let under_way = self.under_way().filter(|entry| entry.number == number);
        let entry = under_way.ok_or(Refusal::NotUnderWay(number))?;
        let workspace_id = self.record.clone();
        Ok(vec![match settled.clone() {
            Settled::Done => {
                let (files, by) = (Event::of(&entry.change), entry.change.by.clone());
                Event::Changed { workspace_id, number, files, by, at }
            }
            Settled::Conflict { path, why, done } => {
                Event::Conflicted { workspace_id, number, path, why, done, at }
            }
        }])
    }

    fn filled(&self, event: Event) -> Result<Vec<Event>, Refusal> {
        if self.filling == Filling::Under { Ok(vec![event]) } else { Err(Refusal::NotUnderWay(0)) }
    }

    fn wants(&self) -> Option<(EffectKey, Effect)> {
        let (record, folder) = (self.record.clone(), self.folder.clone());
        if let (Filling::Under, Some(origin)) = (&self.filling, &self.origin) {
            let effect = Effect::Fill { record, folder, origin: origin.clone() };
            return Some((EffectKey::numbered("fill", 1), effect));
        }
        let Entry { number, change, .. } = self.under_way()?;
        let (number, change) = (*number, Box::new(change.clone()));
        let effect = Effect::Change { record, folder, number, change };
        Some((EffectKey::numbered("change", number), effect))
    }
}

impl Workspace {
    /// Its folder; `None`: it is not there.
    pub fn folder(&self) -> Option<&str> {
        self.facts.as_ref().map(|facts| facts.folder.as_str())
    }

    /// Since when there is a record of it.
    pub fn opened_at(&self) -> Option<Timestamp> {
        self.facts.as_ref().map(|facts| facts.created_at)
    }

    /// Whose files it began with.
    pub fn origin(&self) -> Option<&Origin> {
        self.facts.as_ref()?.origin.as_ref()
    }

    /// All changes, in their order.
    pub fn changes(&self) -> &[Entry] {
        self.facts.as_ref().map_or(&[], |facts| &facts.changes)
    }

    /// Whether something is being done in it.
    pub fn is_busy(&self) -> bool {
        self.facts.as_ref().is_some_and(|facts| facts.is_open() == Err(Refusal::Busy))
    }

    /// Why it has no files, where it should have those of another.
    pub fn is_unfilled(&self) -> Option<&str> {
        match &self.facts.as_ref()?.filling {
            Filling::Failed(why) => Some(why),
            Filling::Under | Filling::Done => None,
        }
    }

    fn open(&self, order: &Order, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        if let Some(facts) = &self.facts {
            return if facts.folder == order.folder {
                Ok(Vec::new())
            } else {
                Err(Refusal::Elsewhere(facts.folder.clone()))
            };
        }
        Ok(vec![Event::Opened {
            workspace_id: WorkflowId(context.stream.name.clone()),
            folder: order.folder.clone(),
            origin: order.origin.clone().map(Box::new),
            at: context.now,
        }])
    }

    fn opened(
        &mut self,
        record: &WorkflowId,
        folder: &str,
        origin: Option<&Origin>,
        at: Timestamp,
    ) {
        self.facts = Some(Facts {
            record: record.clone(),
            folder: folder.to_owned(),
            origin: origin.cloned(),
            filling: if origin.is_some() { Filling::Under } else { Filling::Done },
            changes: Vec::new(),
            created_at: at,
            updated_at: at,
        });
    }

    fn settle(&mut self, number: u32, settled: Settled, at: Timestamp) {
        let Some(facts) = &mut self.facts else { return };
        facts.updated_at = at;
        let entry = facts.changes.iter_mut().find(|entry| entry.number == number);
        if let Some(entry) = entry {
            entry.settled = Some(settled);
        }
    }

    fn fill(&mut self, filling: Filling, at: Timestamp) {
        if let Some(facts) = &mut self.facts {
            (facts.filling, facts.updated_at) = (filling, at);
        }
    }
}

impl Machine for Workspace {
    const KIND: &'static str = "workspace";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        if let Command::Open(order) = command {
            return self.open(order, context);
        }
        let facts = self.facts.as_ref().ok_or(Refusal::Unknown)?;
        let (workspace_id, at) = (facts.record.clone(), context.now);
        match command {
            Command::Open(order) => self.open(order, context),
            Command::Change(change) => facts.change(change, at),
            Command::Undo(undo) => facts.undo(undo, at),
            Command::ReportChange { number, settled } => facts.report(*number, settled, at),
            Command::ReportFilled { files, bytes } => {
                facts.filled(Event::Filled { workspace_id, files: *files, bytes: *bytes, at })
            }
            Command::ReportUnfilled { why } => {
                facts.filled(Event::Unfilled { workspace_id, why: why.clone(), at })
            }
        }
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened { workspace_id, folder, origin, at } => {
                self.opened(workspace_id, folder, origin.as_deref(), *at);
            }
            Event::Filled { at, .. } => self.fill(Filling::Done, *at),
            Event::Unfilled { why, at, .. } => self.fill(Filling::Failed(why.clone()), *at),
            Event::Ordered { number, change, at, .. } => {
                if let Some(facts) = &mut self.facts {
                    let (number, change, at) = (*number, (**change).clone(), *at);
                    facts.changes.push(Entry { number, change, settled: None, at });
                    facts.updated_at = at;
                }
            }
            Event::Changed { number, at, .. } => self.settle(*number, Settled::Done, *at),
            Event::Conflicted { number, path, why, done, at, .. } => {
                let (path, why, done) = (path.clone(), why.clone(), done.clone());
                self.settle(*number, Settled::Conflict { path, why, done }, *at);
            }
        }
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        let wanted = self.facts.as_ref().and_then(Facts::wants);
        wanted.into_iter().map(|(key, effect)| (key, Want::now(effect))).collect()
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }

    /// What was there is kept for as long as the record is: else nothing could be taken back.
    fn held(event: &Event) -> Vec<Held> {
        let Event::Ordered { change, .. } = event else { return Vec::new() };
        let states =
            change.touches.iter().flat_map(|touch| touch.before.iter().chain(&touch.after));
        states.map(|state| Held::Keep(state.content.clone())).collect()
    }

    fn when_skipped(&self, key: &EffectKey, by: &str) -> Option<Command> {
        let why = format!("{by} had it skipped");
        let number = key.0.strip_prefix("change/").and_then(|number| number.parse().ok());
        let Some(number) = number else { return Some(Command::ReportUnfilled { why }) };
        let path = String::new();
        let settled = Settled::Conflict { path, why, done: Vec::new() };
        Some(Command::ReportChange { number, settled })
    }
}

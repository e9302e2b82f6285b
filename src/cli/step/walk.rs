//! [`Walk`]: a machine led through its past, one message at a time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use callboard_actors::machine::{Machine, tagged};
use callboard_actors::nodes::Node;
use callboard_actors::processes::Process;
use callboard_actors::schedules::Schedule;
use callboard_actors::sessions::Session;
use callboard_actors::workflows::Workflow;
use callboard_actors::workspaces::Workspace;

use super::file::Entry;

/// A machine on its way.
pub(super) struct Walk {
    /// `None`: this program knows no machine of that kind; its messages can be read all the same.
    machine: Option<Box<dyn Walked>>,
    /// How many events it has taken in.
    pub(super) version: i64,
}

/// A message, and where the machine stood after it.
#[derive(Debug)]
pub(super) struct Stepped {
    pub(super) entry: Entry,
    /// How many events the machine has taken in by now.
    pub(super) version: i64,
    /// The state, if the message has changed it.
    pub(super) state: Option<String>,
    /// The keys of its open work.
    pub(super) wants: Vec<String>,
    /// What went wrong: a message that cannot be read, or a machine that panicked.
    pub(super) fault: Option<String>,
}

impl Stepped {
    /// Whether the next event is the one that makes this version.
    pub(super) fn leads_to(&self, version: i64) -> bool {
        self.entry.kind == "command" && self.version + 1 == version
    }
}

/// What can be done with a machine of any kind.
trait Walked {
    fn apply(&mut self, entry: &Entry) -> Result<(), String>;
    fn state(&self) -> String;
    fn wants(&self) -> Result<Vec<String>, String>;
}

struct Of<M>(M);

impl<M: Machine> Walked for Of<M> {
    fn apply(&mut self, entry: &Entry) -> Result<(), String> {
        let event: M::Event = tagged::join(&entry.event_type, &entry.data.to_string())
            .map_err(|error| format!("this event cannot be read: {error}"))?;
        guarded(|| self.0.apply(&event))
    }

    fn state(&self) -> String {
        format!("{:#?}", self.0)
    }

    fn wants(&self) -> Result<Vec<String>, String> {
        let wants = guarded(|| self.0.wants())?;
        let keys = wants.into_iter().map(|(key, want)| match want.due {
            Some(due) => format!("{key} at {}", due.rfc3339()),
            None => key.to_string(),
        });
        Ok(keys.collect())
    }
}

impl Walk {
    /// At the beginning of a stream, written `kind/name`.
    pub(super) fn of(stream: &str) -> Self {
        let kind = stream.split('/').next().unwrap_or_default();
        let machine: Option<Box<dyn Walked>> = match kind {
            Process::KIND => Some(Box::new(Of(Process::default()))),
            Session::KIND => Some(Box::new(Of(Session::default()))),
            Node::KIND => Some(Box::new(Of(Node::default()))),
            Workflow::KIND => Some(Box::new(Of(Workflow::default()))),
            Schedule::KIND => Some(Box::new(Of(Schedule::default()))),
            Workspace::KIND => Some(Box::new(Of(Workspace::default()))),
            _ => None,
        };
        Self { machine, version: 0 }
    }

    /// Takes a message in.
    pub(super) fn step(&mut self, entry: Entry) -> Stepped {
        let is_event = entry.kind == "event";
        if is_event {
            self.version += 1;
        }
        let mut stepped =
            Stepped { entry, version: self.version, state: None, wants: Vec::new(), fault: None };
        let Some(machine) = &mut self.machine else { return stepped };
        if is_event {
            stepped.fault = machine.apply(&stepped.entry).err();
            stepped.state = Some(machine.state());
        }
        match machine.wants() {
            Ok(wants) => stepped.wants = wants,
            Err(panic) => stepped.fault = stepped.fault.or(Some(panic)),
        }
        stepped
    }
}

/// Runs a machine's code: one that panics is what people come here for.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| panicked(&*payload))
}

fn panicked(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    format!("the machine panicked: {}", text.unwrap_or_else(|| "without a word".to_owned()))
}

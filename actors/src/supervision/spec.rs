//! What a supervisor has to know of a child before it starts it: OTP's child specification, with a place and a backoff.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, Context, Handler, Message, Recipient};

use super::monitor::{Hold, Started, start_here, start_on_own_thread};
use super::{Branch, Lifeline};

/// How long a killed child may take to be gone before its supervisor goes on without it.
pub(super) const KILL_GRACE: Duration = Duration::from_secs(1);

/// Asks an actor to end in order: finish or give up what it does, then `ctx.stop()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Shutdown;

/// When a child is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Always.
    Permanent,
    /// After an abnormal exit.
    Transient,
    /// Never, not even with its group.
    Temporary,
}

impl Restart {
    /// OTP's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Restart::Permanent => "permanent",
            Restart::Transient => "transient",
            Restart::Temporary => "temporary",
        }
    }
}

/// Who else is restarted when a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Nobody.
    OneForOne,
    /// All.
    OneForAll,
    /// Those started after it.
    RestForOne,
}

impl Strategy {
    /// OTP's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Strategy::OneForOne => "one_for_one",
            Strategy::OneForAll => "one_for_all",
            Strategy::RestForOne => "rest_for_one",
        }
    }
}

/// How many restarts a supervisor bears before it gives up: more than `restarts` in any `within`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intensity {
    /// This many are borne; 0 gives up at the first.
    pub restarts: u32,
    /// The length of the sliding window; a restart exactly that old still counts.
    pub within: Duration,
}

/// The waits between the restarts of one child. OTP has none; without them a broken child eats its supervisor's
/// intensity in milliseconds.
///
/// The first restart in a row is immediate, the second waits `first`, each further one twice as long, up to `max`. Up
/// to a quarter is taken off by jitter, which depends on the child's id and the attempt alone. A child that has run for
/// `max` or longer begins a new row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait before the second restart in a row.
    pub first: Duration,
    /// The longest wait.
    pub max: Duration,
}

impl Backoff {
    /// The wait before restart number `attempt` (1, 2, …) in a row of the child `id`.
    pub fn delay(&self, id: &str, attempt: u32) -> Duration {
        let Some(doublings) = attempt.checked_sub(2) else {
            return Duration::ZERO;
        };
        let full = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.max);
        full.mul_f64(1.0 - jitter(id, attempt) / 4.0)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(200), max: Duration::from_secs(30) }
    }
}

/// A number in 0..1 that looks random and is the same on every machine (FNV-1a; std's hasher may change).
fn jitter(id: &str, attempt: u32) -> f64 {
    let bytes = id.bytes().chain(attempt.to_le_bytes());
    let hash = bytes
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    f64::from(hash) / (f64::from(u32::MAX) + 1.0)
}

/// Where a child runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On its supervisor's arbiter.
    Here,
    /// On an arbiter of its own: for actors that block.
    OwnThread,
}

/// How a child is to be started, watched, restarted and stopped. Cheap to clone.
///
/// The setters take and give the spec: `ChildSpec::actor("metrics", Metrics::new).transient().on_own_thread()`.
#[derive(Clone)]
pub struct ChildSpec {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) restart: Restart,
    pub(super) shutdown: Duration,
    pub(super) place: Place,
    pub(super) backoff: Backoff,
    pub(super) branch: Option<Arc<dyn Branch>>,
    /// Why an operator must not stop it.
    pub(super) essential: Option<&'static str>,
    pub(super) start: Start,
}

#[derive(Clone)]
pub(super) enum Start {
    Actor(Arc<dyn Fn(Lifeline, Place) -> Born + Send + Sync>),
    Supervisor(Team),
}

/// What a supervisor supervises, and how.
#[derive(Clone)]
pub(super) struct Team {
    pub(super) strategy: Strategy,
    pub(super) intensity: Intensity,
    pub(super) children: Vec<ChildSpec>,
}

/// A child that was started, its type forgotten.
pub(super) struct Born {
    pub(super) hold: Hold,
    pub(super) door: Recipient<Shutdown>,
    pub(super) branch: Option<Arc<dyn Branch>>,
}

impl ChildSpec {
    /// A child that is the actor `make` gives, called anew for each incarnation; permanent, on its supervisor's
    /// arbiter, five seconds to shut down.
    pub fn actor<A, F>(id: impl Into<String>, make: F) -> Self
    where
        A: Actor<Context = Context<A>> + Handler<Shutdown>,
        F: Fn(Lifeline) -> A + Send + Sync + 'static,
    {
        let make = Arc::new(make);
        let start = move |lifeline, place| {
            let started = start_at(place, lifeline, Arc::clone(&make));
            Born { door: started.address.recipient(), hold: started.hold, branch: None }
        };
        Self::new(id.into(), "service", Duration::from_secs(5), Start::Actor(Arc::new(start)))
    }

    /// Like [`ChildSpec::actor`], for a child that shows and operates what is below it: `expose` makes the branch of
    /// each incarnation from its address.
    pub fn branch<A, F, E>(id: impl Into<String>, make: F, expose: E) -> Self
    where
        A: Actor<Context = Context<A>> + Handler<Shutdown>,
        F: Fn(Lifeline) -> A + Send + Sync + 'static,
        E: Fn(Addr<A>) -> Arc<dyn Branch> + Send + Sync + 'static,
    {
        let make = Arc::new(make);
        let start = move |lifeline, place| {
            let started = start_at(place, lifeline, Arc::clone(&make));
            let branch = Some(expose(started.address.clone()));
            Born { door: started.address.recipient(), hold: started.hold, branch }
        };
        Self::new(id.into(), "branch", Duration::from_secs(5), Start::Actor(Arc::new(start)))
    }

    /// A child that is a supervisor itself; permanent, with the time to shut down that its children need one after
    /// the other.
    pub fn supervisor(
        id: impl Into<String>,
        strategy: Strategy,
        intensity: Intensity,
        children: Vec<ChildSpec>,
    ) -> Self {
        let each = children.iter().map(|child| child.shutdown.saturating_add(KILL_GRACE));
        let shutdown = each.fold(KILL_GRACE, Duration::saturating_add);
        let team = Team { strategy, intensity, children };
        Self::new(id.into(), "supervisor", shutdown, Start::Supervisor(team))
    }

    fn new(id: String, kind: &str, shutdown: Duration, start: Start) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            restart: Restart::Permanent,
            shutdown,
            place: Place::Here,
            backoff: Backoff::default(),
            branch: None,
            essential: None,
            start,
        }
    }

    /// Restarted after abnormal exits only.
    pub fn transient(self) -> Self {
        self.restart(Restart::Transient)
    }

    /// Never restarted.
    pub fn temporary(self) -> Self {
        self.restart(Restart::Temporary)
    }

    /// When it is restarted.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// How long it may take to end after it was asked to; then it is killed.
    pub fn shutdown(mut self, shutdown: Duration) -> Self {
        self.shutdown = shutdown;
        self
    }

    /// On an arbiter, and so a thread, of its own. For a supervisor: with those of its children that run `Here`.
    pub fn on_own_thread(mut self) -> Self {
        self.place = Place::OwnThread;
        self
    }

    /// The waits between its restarts.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// What the tree calls it; by default `service`, `branch` or `supervisor`.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// An operator cannot stop it, because nobody could then be answered; `instead` says what to do.
    pub fn essential(mut self, instead: &'static str) -> Self {
        self.essential = Some(instead);
        self
    }

    /// Shows and operates what is below it through `branch`, whichever incarnation runs; to suspend and to resume are its
    /// business too. Ignored for a supervisor.
    pub fn with_branch(mut self, branch: Arc<dyn Branch>) -> Self {
        self.branch = Some(branch);
        self
    }

    /// The child's name among its siblings.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the tree can be addressed by path: ids without slashes, not empty, each once among its siblings.
    pub(super) fn check(&self) -> Result<(), SpecError> {
        if self.id.is_empty() || self.id.contains('/') {
            return Err(SpecError::BadId(self.id.clone()));
        }
        let Start::Supervisor(team) = &self.start else {
            return Ok(());
        };
        let mut seen = HashSet::new();
        for child in &team.children {
            if !seen.insert(&child.id) {
                return Err(SpecError::SameId {
                    supervisor: self.id.clone(),
                    child: child.id.clone(),
                });
            }
            child.check()?;
        }
        Ok(())
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChildSpec({} {} {:?})", self.restart.as_str(), self.id, self.place)
    }
}

/// Starts what `make` gives in its place.
pub(super) fn start_at<A, F>(place: Place, lifeline: Lifeline, make: Arc<F>) -> Started<A>
where
    A: Actor<Context = Context<A>>,
    F: Fn(Lifeline) -> A + Send + Sync + 'static,
{
    match place {
        Place::Here => start_here(lifeline, &*make),
        Place::OwnThread => start_on_own_thread(lifeline, move |lifeline| make(lifeline)),
    }
}

/// Why a tree cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// An id that cannot be part of a path.
    #[error(
        "the child id `{0}` cannot be part of a path; use one that is not empty and has no slash"
    )]
    BadId(String),
    /// Two children of one supervisor with the same id.
    #[error("two children of `{supervisor}` are called `{child}`; rename one")]
    SameId {
        /// The supervisor's id.
        supervisor: String,
        /// The id that two of its children have.
        child: String,
    },
    /// The root has to be a supervisor.
    #[error("the root `{0}` is no supervisor; wrap it in `ChildSpec::supervisor`")]
    NoSupervisor(String),
}

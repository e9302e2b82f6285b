//! [`Performer`]: sees to a schedule's times. What is started is the program's affair ([`Begin`]).

use super::command::{Came, Command, Made};
use super::effect::{Effect, Firing};
use super::spec::Overlap;
use super::state::Schedule;
use crate::machine::{Outbox, Perform};
use crate::nodes::Pause;
use crate::vocabulary::EffectKey;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

/// Starts what schedules start. This is all that the program has to be able to do.
pub trait Begin: 'static {
    /// Starts something, or finds that it was started: told again after a crash, it comes to the same thing, by the
    /// name that the firing gives it.
    fn begin(&self, firing: Firing) -> LocalBoxFuture<'static, Result<Made, Hitch>>;

    /// Whether what was started still runs.
    fn is_running(&self, made: Made) -> LocalBoxFuture<'static, Result<bool, Hitch>>;
}

/// Why nothing was started just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hitch {
    /// It may be tried again.
    Passing(String),
    /// It is refused.
    Refused(String),
}

/// Nobody who could start anything: a house without doors.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Begin for Nobody {
    fn begin(&self, _firing: Firing) -> LocalBoxFuture<'static, Result<Made, Hitch>> {
        let why = "this program has nothing that could start it".to_owned();
        std::future::ready(Err(Hitch::Refused(why))).boxed_local()
    }

    fn is_running(&self, _made: Made) -> LocalBoxFuture<'static, Result<bool, Hitch>> {
        std::future::ready(Ok(false)).boxed_local()
    }
}

/// Performs what schedules want.
#[derive(Debug)]
pub struct Performer<B> {
    begin: Rc<B>,
}

impl<B: Begin> Performer<B> {
    /// A performer that has things started so.
    pub fn new(begin: B) -> Self {
        Self { begin: Rc::new(begin) }
    }
}

impl<B: Begin> Perform<Schedule> for Performer<B> {
    fn perform(
        &self,
        _key: EffectKey,
        effect: Effect,
        _outbox: Outbox<Schedule>,
    ) -> impl Future<Output = Command> + 'static {
        let begin = Rc::clone(&self.begin);
        async move {
            match effect {
                Effect::Arrive { turn } => Command::Arrive { turn },
                Effect::Fire(firing) => {
                    Command::Report { n: firing.n, came: fire(&*begin, *firing).await }
                }
            }
        }
    }
}

/// Starts something, unless the former still runs, and tries as long as it may come to something.
async fn fire(begin: &impl Begin, firing: Firing) -> Came {
    if let Some(made) = firing.former.clone().filter(|_| firing.overlap == Overlap::Skip)
        && settled(&firing, || begin.is_running(made.clone())).await == Ok(true)
    {
        return Came::Overlapped { made };
    }
    match settled(&firing, || begin.begin(firing.clone())).await {
        Ok(made) => Came::Started { made },
        Err(error) => Came::Failed { error },
    }
}

async fn settled<T>(
    firing: &Firing,
    work: impl Fn() -> LocalBoxFuture<'static, Result<T, Hitch>>,
) -> Result<T, String> {
    let mut pause = Pause::new();
    loop {
        match work().await {
            Ok(value) => return Ok(value),
            Err(Hitch::Refused(error)) => return Err(error),
            Err(Hitch::Passing(error)) => {
                let (schedule, n) = (&firing.schedule_id, firing.n);
                tracing::warn!(%schedule, n, %error, "failed to start what is due: trying again");
            }
        }
        pause.rest().await;
    }
}

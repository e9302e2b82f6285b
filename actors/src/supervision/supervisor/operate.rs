//! An operator's orders to a supervisor's children, and on to the branches below it.

use actix::{Addr, Context, Handler, Message};
use futures::FutureExt;
use tokio::sync::oneshot;

use super::super::record::What;
use super::super::{BranchFuture, OperateError, Verb};
use super::Supervisor;

type Answer = oneshot::Sender<Result<(), OperateError>>;

/// An order for what is at `path` below a supervisor.
#[derive(Message)]
#[rtype(result = "()")]
pub(in super::super) struct Operate {
    path: Vec<String>,
    verb: Verb,
    by: String,
    answer: Answer,
}

/// Gives the order at once; it is carried out even if nobody waits for the answer.
pub(in super::super) fn ask(
    supervisor: &Addr<Supervisor>,
    path: Vec<String>,
    verb: Verb,
    by: String,
) -> BranchFuture<Result<(), OperateError>> {
    let (answer, heard) = oneshot::channel();
    supervisor.do_send(Operate { path, verb, by, answer });
    heard.map(|answer| answer.unwrap_or_else(|_| Err(gone()))).boxed()
}

fn gone() -> OperateError {
    OperateError::NotNow("its supervisor has ended; try again when it has been started anew".into())
}

impl Handler<Operate> for Supervisor {
    type Result = ();

    fn handle(&mut self, order: Operate, ctx: &mut Self::Context) {
        let Operate { mut path, verb, by, answer } = order;
        if path.is_empty() {
            return tell(answer, Err(not_itself()));
        }
        let below = path.split_off(1);
        let Some(child) = self.find(&path[0]) else {
            return tell(answer, Err(OperateError::NotFound));
        };
        let ours = below.is_empty() && self.is_ours(child, verb);
        match self.cells[child].branch() {
            _ if ours => tell(answer, self.operate(child, verb, &by, ctx)),
            Some(branch) => {
                if below.is_empty() {
                    self.note(child, What::Operated, format!("{} by {by}", verb.as_str()));
                }
                let answered = branch.operate(below, verb, by);
                actix_rt::spawn(answered.map(|result| tell(answer, result)));
            }
            None if below.is_empty() => tell(answer, Err(no_messages(verb))),
            None => tell(answer, Err(OperateError::NotFound)),
        }
    }
}

impl Supervisor {
    /// Whether an order for a child itself is the supervisor's to carry out. Whoever hosts entities knows better what it
    /// means to suspend them.
    fn is_ours(&self, child: usize, verb: Verb) -> bool {
        match verb {
            Verb::Restart | Verb::Stop => true,
            Verb::Suspend | Verb::Resume => self.cells[child].spec.branch.is_none(),
            Verb::Retry | Verb::Skip | Verb::Fail => false,
        }
    }

    fn operate(
        &mut self,
        child: usize,
        verb: Verb,
        by: &str,
        ctx: &mut Context<Self>,
    ) -> Result<(), OperateError> {
        if let (Verb::Stop | Verb::Suspend, Some(instead)) =
            (verb, self.cells[child].spec.essential)
        {
            return Err(OperateError::NotHere(instead.into()));
        }
        let now = self.now();
        let orders = match verb {
            Verb::Restart => self.rules.restart(child, now),
            Verb::Resume => self.rules.resume(child, now),
            Verb::Stop | Verb::Suspend => self.rules.stop(child, now),
            Verb::Retry | Verb::Skip | Verb::Fail => Err(no_messages(verb)),
        }?;
        let meaning = if verb == Verb::Suspend { " (the same as stop for this actor)" } else { "" };
        self.note(child, What::Operated, format!("{} by {by}{meaning}", verb.as_str()));
        self.carry_out(orders, ctx);
        Ok(())
    }
}

fn not_itself() -> OperateError {
    OperateError::NotHere(
        "the root takes no orders; operate on what is below it, or stop the program".into(),
    )
}

fn no_messages(verb: Verb) -> OperateError {
    let verb = verb.as_str();
    OperateError::NotHere(format!(
        "this actor has no failed message to {verb}; use restart, stop or resume"
    ))
}

/// Whoever asked may have left; the order stands all the same.
fn tell(answer: Answer, result: Result<(), OperateError>) {
    let _left = answer.send(result);
}

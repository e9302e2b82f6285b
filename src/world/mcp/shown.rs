//! [`Shown`]: the servers in the tree, below `/services/mcp`: shown, and operated by an operator.

use super::keeper::{Keeper, Look};
use super::server::State;
use actix::{Addr, AsyncContext, Context, Handler, Message};
use callboard_actors::supervision::{ActorInfo, Branch, BranchFuture, OperateError, Status, Verb};
use futures::FutureExt;
use serde_json::json;
use tokio::sync::oneshot;

/// Where they are.
const PATH: &str = "/services/mcp";

/// The servers as a branch of the tree.
pub(super) struct Shown(Addr<Keeper>);

impl Shown {
    pub(super) fn of(keeper: Addr<Keeper>) -> Self {
        Self(keeper)
    }
}

/// Asks for what is to be seen.
#[derive(Message)]
#[rtype(result = "()")]
struct Show {
    name: Option<String>,
    limit: usize,
    answer: oneshot::Sender<Option<ActorInfo>>,
}

/// An order for one of them.
#[derive(Message)]
#[rtype(result = "()")]
struct Order {
    name: String,
    verb: Verb,
    by: String,
    answer: oneshot::Sender<Result<(), OperateError>>,
}

impl Keeper {
    fn show_all(&self, limit: usize) -> ActorInfo {
        let mut info = ActorInfo::new(PATH, "mcp_servers", Status::Running);
        info.child_count = self.cells.len();
        info.children = self.cells.keys().take(limit).filter_map(|name| self.show(name)).collect();
        info
    }

    fn show(&self, name: &str) -> Option<ActorInfo> {
        let cell = self.cells.get(name)?;
        let (server, source) = (&cell.server, cell.server.source());
        let status = match server.state() {
            State::Asleep => Status::Asleep,
            State::Starting => Status::Starting,
            State::Up(_) => Status::Running,
            State::Down { .. } => Status::Waiting,
            State::Stopped { .. } => Status::Stopped,
        };
        let mut info = ActorInfo::new(format!("{PATH}/{name}"), "mcp_server", status);
        info.restarts = cell.restarts;
        info.restart = Some("permanent".into());
        info.last_exit.clone_from(&cell.last_exit);
        let since = cell.life.as_ref().map(|life| life.since.elapsed().as_millis());
        info.running_for_ms = since.and_then(|millis| u64::try_from(millis).ok());
        info.detail = json!({
            "at": server.spec.place(), "state": source.state, "tools": source.tools,
            "left_out": source.left_out, "calls": server.calls(),
        });
        Some(info)
    }
}

impl Handler<Show> for Keeper {
    type Result = ();

    fn handle(&mut self, wanted: Show, _: &mut Self::Context) {
        let info = match &wanted.name {
            None => Some(self.show_all(wanted.limit)),
            Some(name) => self.show(name),
        };
        // Whoever asked may have left.
        let _left = wanted.answer.send(info);
    }
}

impl Handler<Order> for Keeper {
    type Result = ();

    fn handle(&mut self, order: Order, ctx: &mut Context<Self>) {
        let Order { name, verb, by, answer } = order;
        let found = match verb {
            Verb::Restart | Verb::Resume | Verb::Stop | Verb::Suspend => {
                Ok(self.operate(&name, verb, &by))
            }
            Verb::Retry | Verb::Skip | Verb::Fail => Err(OperateError::NotHere(
                "a server has no failed message; use restart, stop or resume".into(),
            )),
        };
        let result =
            found.and_then(|is_there| is_there.then_some(()).ok_or(OperateError::NotFound));
        ctx.notify(Look);
        let _left = answer.send(result);
    }
}

impl Branch for Shown {
    fn show(&self, mut path: Vec<String>, limit: usize) -> BranchFuture<Option<ActorInfo>> {
        if path.len() > 1 {
            return async { None }.boxed();
        }
        let (answer, heard) = oneshot::channel();
        self.0.do_send(Show { name: path.pop(), limit, answer });
        heard.map(|answer| answer.ok().flatten()).boxed()
    }

    fn operate(
        &self,
        mut path: Vec<String>,
        verb: Verb,
        by: String,
    ) -> BranchFuture<Result<(), OperateError>> {
        let name = path.pop().filter(|_| path.is_empty());
        let Some(name) = name else {
            let text = "name one of the servers: /services/mcp/NAME";
            return async move { Err(OperateError::NotHere(text.into())) }.boxed();
        };
        let (answer, heard) = oneshot::channel();
        self.0.do_send(Order { name, verb, by, answer });
        let gone = "its keeper has ended; try again when it has been started anew";
        heard
            .map(|answer| answer.unwrap_or_else(|_| Err(OperateError::NotNow(gone.into()))))
            .boxed()
    }
}

//! A supervisor shown as data: what it knows of its children, and what those that are branches say themselves.

use std::time::Duration;

use actix::{Addr, Handler, Message, ResponseFuture};
use futures::FutureExt;
use futures::future::join_all;

use super::super::seat::SeatStatus;
use super::super::{ActorInfo, BranchFuture, Status};
use super::{Cell, Supervisor, millis};

/// How long the root waits for what is below it; each level waits less, so that the one that hangs is named.
const PATIENCE: Duration = Duration::from_secs(4);

/// Asks a supervisor to show what is at `path` below it.
#[derive(Message)]
#[rtype(result = "Option<ActorInfo>")]
pub(in super::super) struct Show {
    path: Vec<String>,
    limit: usize,
}

/// Shows what is at `path` below this supervisor.
pub(in super::super) fn ask(
    supervisor: &Addr<Supervisor>,
    path: Vec<String>,
    limit: usize,
) -> BranchFuture<Option<ActorInfo>> {
    supervisor.send(Show { path, limit }).map(|answer| answer.ok().flatten()).boxed()
}

impl Handler<Show> for Supervisor {
    type Result = ResponseFuture<Option<ActorInfo>>;

    fn handle(&mut self, Show { mut path, limit }: Show, _ctx: &mut Self::Context) -> Self::Result {
        if path.is_empty() {
            return self.show_all(limit).map(Some).boxed_local();
        }
        let below = path.split_off(1);
        let Some(child) = self.find(&path[0]) else {
            return Box::pin(async { None });
        };
        if below.is_empty() {
            return self.show_child(child, limit).map(Some).boxed_local();
        }
        match self.cells[child].branch() {
            Some(branch) => branch.show(below, limit),
            None => Box::pin(async { None }),
        }
    }
}

impl Supervisor {
    /// The number of the child with this id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.cells.iter().position(|cell| cell.spec.id == id)
    }

    fn show_all(&self, limit: usize) -> BranchFuture<ActorInfo> {
        let mut info = ActorInfo::new(self.path(), "supervisor", Status::Running);
        info.strategy = Some(self.strategy.as_str().to_owned());
        info.running_for_ms = Some(millis(self.now()));
        info.child_count = self.cells.len();
        let children: Vec<_> =
            (0..self.cells.len()).take(limit).map(|child| self.show_child(child, limit)).collect();
        Box::pin(async move {
            info.children = join_all(children).await;
            info
        })
    }

    fn show_child(&self, child: usize, limit: usize) -> BranchFuture<ActorInfo> {
        let cell = &self.cells[child];
        let mut known = self.info(child, cell);
        let Some(branch) = cell.branch() else {
            return Box::pin(async { known });
        };
        let depth = u32::try_from(known.path.split('/').count()).unwrap_or(u32::MAX);
        let answer = branch.show(Vec::new(), limit);
        Box::pin(async move {
            match tokio::time::timeout(PATIENCE / depth, answer).await {
                Ok(Some(own)) => complete(known, own),
                Ok(None) => known,
                Err(_) => {
                    known.detail = serde_json::json!({ "problem": "it does not answer" });
                    known
                }
            }
        })
    }

    /// What the supervisor itself knows of a child.
    fn info(&self, child: usize, cell: &Cell) -> ActorInfo {
        let mut info = ActorInfo::new(
            self.child_path(child),
            &cell.spec.kind,
            status(self.rules.status(child)),
        );
        info.restart = Some(cell.spec.restart.as_str().to_owned());
        info.restarts = cell.incarnations.saturating_sub(1);
        info.last_exit.clone_from(&cell.last_exit);
        info.running_for_ms = cell.life.as_ref().map(|life| millis(life.since.elapsed()));
        info
    }
}

/// What the supervisor knows, completed by what the child says of itself. Of the status, the child knows better only
/// while it runs.
fn complete(known: ActorInfo, own: ActorInfo) -> ActorInfo {
    let status = if known.status == Status::Running { own.status } else { known.status };
    ActorInfo {
        status,
        strategy: own.strategy,
        detail: own.detail,
        children: own.children,
        child_count: own.child_count,
        ..known
    }
}

fn status(seat: SeatStatus) -> Status {
    match seat {
        SeatStatus::Ready => Status::Starting,
        SeatStatus::Running(_) => Status::Running,
        SeatStatus::Waiting(_) => Status::Waiting,
        SeatStatus::Stopped => Status::Stopped,
        SeatStatus::Doomed(_)
        | SeatStatus::Stopping(_)
        | SeatStatus::Dying(_)
        | SeatStatus::Lost(_) => Status::Stopping,
    }
}

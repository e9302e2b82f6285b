//! The root of the tree: started by the program, and when it ends, so should the program.

use std::future::Future;
use std::sync::Arc;

use actix::Addr;
use tokio::sync::watch;

use super::spec::{Start, start_at};
use super::supervisor::{About, Reach, Supervisor};
use super::{
    ActorInfo, Branch, BranchFuture, ChildSpec, Exit, Lifeline, OperateError, Record, Shutdown,
    SpecError, Verb,
};

/// A running tree. Cheap to clone; dropping it does not end the tree.
#[derive(Clone)]
pub struct RootHandle {
    supervisor: Addr<Supervisor>,
    ended: watch::Receiver<Option<Exit>>,
}

/// Starts the tree that `root`, a [`ChildSpec::supervisor`], describes; every decision in it goes to `record`. The
/// root's id is shown nowhere: its path is `/`.
///
/// # Panics
/// When there is no actix system on this thread.
pub fn start_root(root: &ChildSpec, record: Arc<dyn Record>) -> Result<RootHandle, SpecError> {
    root.check()?;
    let Start::Supervisor(team) = root.start.clone() else {
        return Err(SpecError::NoSupervisor(root.id.clone()));
    };
    let (tell, ended) = watch::channel(None);
    let lifeline = Lifeline::new(Box::new(move |exit| drop(tell.send_replace(Some(exit)))));
    let about = About { path: String::new(), record };
    let make = move |lifeline: Lifeline| Supervisor::new(about.clone(), team.clone(), lifeline);
    let started = start_at(root.place, lifeline, Arc::new(make));
    started.hold.let_go();
    Ok(RootHandle { supervisor: started.address, ended })
}

impl RootHandle {
    /// Stops the whole tree in reverse start order, each actor with its time, and gives the root's exit when that is
    /// done. May be called more than once.
    pub fn shutdown(&self) -> impl Future<Output = Exit> + 'static {
        self.supervisor.do_send(Shutdown);
        self.ended()
    }

    /// How the root ends, when it does. After an abnormal end the program should exit with a code other than 0.
    pub fn ended(&self) -> impl Future<Output = Exit> + 'static {
        let mut ended = self.ended.clone();
        async move {
            let exit = ended.wait_for(Option::is_some).await;
            exit.ok().and_then(|exit| exit.clone()).unwrap_or(Exit::Killed)
        }
    }
}

impl Branch for RootHandle {
    fn show(&self, path: Vec<String>, limit: usize) -> BranchFuture<Option<ActorInfo>> {
        Reach(self.supervisor.clone()).show(path, limit)
    }

    fn operate(
        &self,
        path: Vec<String>,
        verb: Verb,
        by: String,
    ) -> BranchFuture<Result<(), OperateError>> {
        Reach(self.supervisor.clone()).operate(path, verb, by)
    }
}

//! A kind's entities in the tree: shown, and operated by path.

use super::directory::Directory;
use super::order::What;
use crate::journal::Parked;
use crate::machine::Machine;
use crate::supervision::{ActorInfo, Branch, BranchFuture, OperateError, Status, Verb};
use crate::vocabulary::Name;
use serde_json::json;

/// The branch of the tree that a directory's entities are.
#[derive(Debug)]
pub struct EntityBranch<M: Machine> {
    directory: Directory<M>,
    path: String,
}

impl<M: Machine> Clone for EntityBranch<M> {
    fn clone(&self) -> Self {
        Self { directory: self.directory.clone(), path: self.path.clone() }
    }
}

impl<M: Machine> EntityBranch<M> {
    /// The branch at `path`, e.g. `/processes`.
    pub fn new(directory: Directory<M>, path: &str) -> Self {
        Self { directory, path: path.to_owned() }
    }

    async fn show_all(self, limit: usize) -> ActorInfo {
        let mut info = ActorInfo::new(self.path.clone(), "entities", Status::Running);
        let (here, waiting, running) = self.directory.census();
        let held = self.directory.held();
        info.child_count = here;
        let mut shown: Vec<ActorInfo> = Vec::new();
        match self.directory.journal().reader().parked(M::KIND, limit).await {
            Ok(parked) => {
                shown.extend(parked.into_iter().map(|(name, why)| self.parked(&name, &why)));
            }
            Err(fault) => tracing::warn!(%fault, "failed to read what is parked"),
        }
        for name in self.directory.present(limit.saturating_sub(shown.len())) {
            let path = format!("{}/{name}", self.path);
            if shown.iter().all(|info| info.path != path) {
                shown.push(ActorInfo::new(path, "entity", Status::Running));
            }
        }
        info.detail = json!({
            "in_memory": here, "commands_waiting": waiting, "effects_running": running, "held": held,
        });
        if held.is_some() {
            info.status = Status::Parked;
        }
        info.children = shown;
        info
    }

    fn parked(&self, name: &Name, why: &Parked) -> ActorInfo {
        let mut info = ActorInfo::new(format!("{}/{name}", self.path), "entity", Status::Parked);
        info.detail = json!({ "parked": why });
        info
    }

    async fn show_one(self, name: Name) -> Option<ActorInfo> {
        let stream = Directory::<M>::stream(&name);
        let loaded = self.directory.journal().load(stream, 0).await.ok()?;
        if loaded.head == 0 {
            return None;
        }
        if let Some(parked) = &loaded.parked {
            return Some(self.parked(&name, parked));
        }
        let path = format!("{}/{name}", self.path);
        let status =
            if self.directory.is_present(&name) { Status::Running } else { Status::Asleep };
        let mut info = ActorInfo::new(path, "entity", status);
        let effects = self.directory.effects_of(&name);
        let last = loaded.messages.last().map(|message| message.created_at);
        info.detail =
            json!({ "version": loaded.version, "effects": effects, "last_message_at": last });
        Some(info)
    }

    fn operate_all(&self, verb: Verb, by: String) -> Result<(), OperateError> {
        match verb {
            Verb::Resume if self.directory.held().is_none() => {
                let text =
                    "nothing keeps them all from acting; resume those that are parked by name";
                return Err(OperateError::NotNow(text.into()));
            }
            Verb::Resume => self.directory.hold(None),
            Verb::Suspend => {
                let since = self.directory.journal().clock().now();
                let why = format!(
                    "an operator suspended all of this kind: resume {} lets them act",
                    self.path
                );
                self.directory.hold(Some(Parked { by, why, since, command: None, failed: false }));
            }
            _ => {
                let text =
                    "all entities of a kind can be suspended and resumed; name one for the rest";
                return Err(OperateError::NotHere(text.into()));
            }
        }
        Ok(())
    }

    async fn operate_one(self, name: Name, verb: Verb, by: String) -> Result<(), OperateError> {
        let stream = Directory::<M>::stream(&name);
        let loaded = self.directory.journal().load(stream, 0).await;
        let loaded = loaded.map_err(|fault| OperateError::NotNow(fault.to_string()))?;
        if loaded.head == 0 {
            return Err(OperateError::NotFound);
        }
        let what = match verb {
            Verb::Restart | Verb::Stop => What::Reload,
            Verb::Suspend => What::Park("an operator suspended it: resume lets it act".into()),
            Verb::Resume => What::Resume,
            Verb::Retry => What::Retry,
            Verb::Skip => What::Skip,
            Verb::Fail => What::Fail,
        };
        self.directory.order(&name, what, by).await.map_err(OperateError::NotNow)?;
        if verb == Verb::Restart {
            self.directory.wake(&name);
        }
        Ok(())
    }
}

fn one(path: &[String]) -> Option<Name> {
    match path {
        [name] => name.parse().ok(),
        _ => None,
    }
}

impl<M: Machine> Branch for EntityBranch<M> {
    fn show(&self, path: Vec<String>, limit: usize) -> BranchFuture<Option<ActorInfo>> {
        let branch = self.clone();
        Box::pin(async move {
            match one(&path) {
                _ if path.is_empty() => Some(branch.show_all(limit).await),
                Some(name) => branch.show_one(name).await,
                None => None,
            }
        })
    }

    fn operate(
        &self,
        path: Vec<String>,
        verb: Verb,
        by: String,
    ) -> BranchFuture<Result<(), OperateError>> {
        let branch = self.clone();
        Box::pin(async move {
            match one(&path) {
                _ if path.is_empty() => branch.operate_all(verb, by),
                Some(name) => branch.operate_one(name, verb, by).await,
                None => Err(OperateError::NotFound),
            }
        })
    }
}

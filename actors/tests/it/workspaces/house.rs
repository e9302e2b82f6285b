//! A house that keeps a workspace, and what is in it.

use crate::kit::Stage;
use callboard_actors::entity::{Directory, HostSettings, Hosts, Scheduler};
use callboard_actors::shared::Turns;
use callboard_actors::supervision::{Hold, Lifeline, start_here};
use callboard_actors::vocabulary::{MessageId, WorkflowId, Workplace};
use callboard_actors::workspaces::{
    By, Clerk, Entry, FilePath, Moment, Root, Trouble, Undone, Wanted, Workspaces,
};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// A house at work; it falls with its stage.
pub(crate) struct House {
    pub(crate) workspaces: Workspaces,
    pub(crate) place: Workplace,
    _hosts: Hold,
}

/// What can be done to files.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Write(String, Vec<u8>),
    Delete(String),
    Move(String, String),
}

pub(crate) fn place(folder: &Path) -> Workplace {
    let folder = fs::canonicalize(folder).unwrap().to_str().unwrap().to_owned();
    Workplace { record: WorkflowId("wf".parse().unwrap()), folder, within: String::new() }
}

fn by(call: &str) -> By {
    By {
        workflow_id: WorkflowId("wf".parse().unwrap()),
        path: "test".into(),
        tool: "test".into(),
        call: MessageId::derived(&[call]),
    }
}

impl House {
    pub(crate) fn on(stage: &Stage, folder: &Path) -> Self {
        let directory = Directory::new(stage.journal.clone(), HostSettings::default());
        let workspaces = Workspaces::new(directory.clone(), Turns::default());
        let clerk = Clerk::new(stage.journal.clone());
        let line = || Lifeline::new(Box::new(|_| ()));
        let hosted = directory.clone();
        let hosts = start_here(line(), |line| Hosts::new(hosted, clerk, line)).hold;
        start_here(line(), |line| Scheduler::new(directory, line)).hold.let_go();
        Self { workspaces, place: place(folder), _hosts: hosts }
    }

    pub(crate) async fn act(&self, call: &str, deed: &Deed) -> Result<Option<Entry>, Trouble> {
        let deed = deed.clone();
        self.workspaces.change(&self.place, by(call), move |root| plan(root, &deed)).await
    }

    pub(crate) async fn undo(&self, call: &str, to: Moment, force: bool) -> Undone {
        self.workspaces.undo(&self.place, to, force, by(call)).await.unwrap()
    }

    pub(crate) async fn try_to_undo(&self, call: &str, to: Moment) -> Result<Undone, Trouble> {
        self.workspaces.undo(&self.place, to, false, by(call)).await
    }

    /// Everything that a path could be used for.
    pub(crate) async fn attempts(&self, path: &str) -> Vec<Result<Vec<u8>, Trouble>> {
        let said = path.to_owned();
        let read = self.workspaces.read(&self.place, move |root| {
            let spot = root.find(&FilePath::of_file(&said)?)?;
            Ok(root.read(&spot, 0, 1_000)?.content)
        });
        let said = path.to_owned();
        let list = self.workspaces.read(&self.place, move |root| {
            let found = root.list(&root.find(&FilePath::read(&said)?)?)?;
            Ok(found.into_iter().flat_map(|(name, _)| name.into_bytes()).collect())
        });
        let mut outcomes = vec![read.await, list.await];
        let deeds = [
            Deed::Write(path.into(), b"seized".to_vec()),
            Deed::Move("mine.txt".into(), path.into()),
            Deed::Move(path.into(), "taken.txt".into()),
            Deed::Delete(path.into()),
        ];
        for (index, deed) in deeds.iter().enumerate() {
            let call = format!("{path} {index} {}", uuid());
            outcomes.push(self.act(&call, deed).await.map(|_| Vec::new()));
        }
        outcomes
    }
}

fn uuid() -> String {
    MessageId::fresh().to_string()
}

fn plan(root: &Root, deed: &Deed) -> Result<Vec<Wanted>, Trouble> {
    let found = |path: &str| root.found(&FilePath::of_file(path)?);
    Ok(match deed {
        Deed::Write(path, content) => vec![found(path)?.becomes(content.clone())],
        Deed::Delete(path) => vec![found(path)?.goes()],
        Deed::Move(from, to) => {
            let (from, to) = (found(from)?, found(to)?);
            let file = from.file.clone().ok_or_else(|| Trouble::refused("it is not there"))?;
            vec![to.takes(&file), from.goes()]
        }
    })
}

/// Everything in a folder: what it is, who may do what with it, and what it holds.
pub(crate) fn picture(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut all = BTreeMap::new();
    look(folder, folder, &mut all);
    all
}

fn look(top: &Path, folder: &Path, all: &mut BTreeMap<String, (u32, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_symlink() {
            let target = fs::read_link(&path).unwrap().to_string_lossy().into_owned();
            all.insert(name, (0, target.into_bytes()));
        } else if metadata.is_dir() {
            all.insert(name, (metadata.mode(), Vec::new()));
            look(top, &path, all);
        } else if metadata.is_file() {
            all.insert(name, (metadata.mode(), fs::read(&path).unwrap()));
        } else {
            all.insert(name, (metadata.mode(), b"special".to_vec()));
        }
    }
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

//! Which folder a workflow's agents work in: what its definition says, if it may be one. It has to be, or to lie below, one
//! of those that the settings name; the home is none.

use crate::wire::{App, Problem};
use callboard_actors::graph::{self, Definition};
use callboard_actors::vocabulary::{WorkflowId, Workplace};
use callboard_actors::workspaces::Guard;
use serde_json::Value;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

/// Where the agents of a workflow work that is started; a folder that is missing is made.
pub(super) async fn of_root(
    app: &App,
    workflow: &WorkflowId,
    definition: &Definition,
    params: &Value,
) -> Result<Option<Workplace>, Problem> {
    let folder = graph::workspace(definition, params);
    let folder = folder.map_err(|trouble| Problem::unprocessable(trouble.to_string()))?;
    let Some(folder) = folder else { return Ok(None) };
    place(app, workflow, folder, Making::IfMissing).await.map(Some)
}

/// Where the agents of a fork or a replay work: in a folder that nobody has worked in.
pub(super) async fn of_fork(
    app: &App,
    workflow: &WorkflowId,
    source: &Workplace,
    wanted: Option<String>,
) -> Result<Workplace, Problem> {
    let own = || {
        let own = app.parts().workspaces.guard().workspaces();
        own.join(workflow.0.as_str()).to_string_lossy().into_owned()
    };
    let apart = Making::Apart(source.folder.clone());
    place(app, workflow, wanted.unwrap_or_else(own), apart).await
}

/// What becomes of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Making {
    /// It is made if it is missing.
    IfMissing,
    /// The same, but nothing may be in it, and it lies neither in this one nor around it.
    Apart(String),
}

async fn place(
    app: &App,
    workflow: &WorkflowId,
    wanted: String,
    making: Making,
) -> Result<Workplace, Problem> {
    let (roots, guard) = (app.defaults().workspace_roots.clone(), app.parts().workspaces.guard());
    let choice = Choice { wanted, roots, guard: guard.clone(), making };
    let files = app.parts().journal.files();
    let folder = files.run(move |_| Ok(choice.settle())).await;
    let folder = folder.map_err(Problem::unavailable)??;
    Ok(Workplace { record: workflow.clone(), folder, within: String::new() })
}

/// A folder that somebody wants.
struct Choice {
    wanted: String,
    roots: Vec<PathBuf>,
    guard: Guard,
    making: Making,
}

impl Choice {
    fn settle(&self) -> Result<String, Problem> {
        let folder = self.real()?;
        self.check(&folder)?;
        self.check_apart(&folder)?;
        make(&folder).map_err(|error| self.refuse(&format!("failed to make it: {error}")))?;
        // What was made meanwhile by somebody else may lead elsewhere.
        if fs::canonicalize(&folder).ok().as_deref() != Some(folder.as_path()) {
            return Err(self.refuse("it leads elsewhere now"));
        }
        let text = folder.to_str().ok_or_else(|| self.refuse("its name is no UTF-8 text"))?;
        Ok(text.to_owned())
    }

    /// The folder without links in it. What is missing of it is plain names.
    fn real(&self) -> Result<PathBuf, Problem> {
        if self.wanted.chars().any(char::is_control) {
            return Err(self.refuse("a path has no control characters in it"));
        }
        let wanted = std::path::absolute(&self.wanted).map_err(|error| self.io(&error))?;
        for above in wanted.ancestors() {
            // A link that leads nowhere is there, too.
            match fs::symlink_metadata(above).and_then(|_| fs::canonicalize(above)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && !above.is_symlink() => {}
                Err(error) => return Err(self.io(&error)),
                Ok(real) => {
                    return self.below(&real, wanted.strip_prefix(above).unwrap_or(Path::new("")));
                }
            }
        }
        Err(self.refuse("it leads nowhere"))
    }

    fn below(&self, real: &Path, missing: &Path) -> Result<PathBuf, Problem> {
        if missing.components().any(|part| !matches!(part, Component::Normal(_))) {
            return Err(self.refuse("behind a folder that is missing it leads upwards"));
        }
        if !real.is_dir() {
            return Err(self.refuse("it is no folder"));
        }
        // An empty path would leave a slash at the end.
        Ok(if missing.as_os_str().is_empty() { real.to_owned() } else { real.join(missing) })
    }

    fn check(&self, folder: &Path) -> Result<(), Problem> {
        let own = self.guard.workspaces();
        // Its parents may be missing yet; the home is not.
        let is_own = folder.starts_with(&own) && folder != own;
        if !is_own && !self.guard.allows(folder) {
            return Err(self.refuse("it lies in Callboard's home, which agents never see"));
        }
        let roots = self.roots.iter().filter_map(|root| fs::canonicalize(root).ok());
        if is_own || roots.into_iter().any(|root| folder.starts_with(root)) {
            return Ok(());
        }
        let roots: Vec<_> = self.roots.iter().map(|root| root.display().to_string()).collect();
        Err(self.refuse(&format!(
            "it lies outside of the folders in which agents may work ({}): name it, or one above it, in [workspaces] \
             roots of the settings, or have `callboard config set workspaces.roots` do it",
            roots.join(", ")
        )))
    }

    /// What is copied may not be copied into itself. The home lies in no workspace, also where it seems to.
    fn check_apart(&self, folder: &Path) -> Result<(), Problem> {
        let Making::Apart(source) = &self.making else { return Ok(()) };
        let (source, own) = (Path::new(source), self.guard.workspaces());
        let is_hidden = folder.starts_with(&own) && !source.starts_with(&own);
        if !is_hidden && (folder.starts_with(source) || source.starts_with(folder)) {
            return Err(
                self.refuse("it lies within the workspace whose files it is to get, or around it")
            );
        }
        let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        if is_empty {
            Ok(())
        } else {
            Err(self.refuse("something is in it already: choose another"))
        }
    }

    fn io(&self, error: &io::Error) -> Problem {
        self.refuse(&error.to_string())
    }

    fn refuse(&self, why: &str) -> Problem {
        Problem::unprocessable(format!("the workspace {:?}: {why}", self.wanted))
    }
}

/// Whoever else has an account here sees nothing of what is made.
fn make(folder: &Path) -> io::Result<()> {
    let above = folder.parent().unwrap_or(folder);
    if folder.is_dir() {
        // It may have been made for somebody, by a server that was killed before it was durable. Where that is not ours
        // to do, it was made by others.
        let _ = fs::File::open(above).and_then(|above| above.sync_all());
        return Ok(());
    }
    make(above)?;
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        result => result?,
    }
    fs::File::open(above)?.sync_all()
}

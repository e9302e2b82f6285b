//! `run_command`: runs a program in a copy of the workspace, confined, and takes over what it changed there.

use super::act::{Act, Called, read};
use super::needs::need;
use super::permit::Permit;
use super::workshop::{change_within, place, trouble};
use crate::confine::{Confinement, Ended, Job, Network, Text, held};
use crate::rules::{Environment, Line};
use crate::world::command::{Copy, Kept, Scratch, planned, run};
use callboard_actors::journal::{Journal, Stream};
use callboard_actors::tools::{Caller, Repeat, Tool, ToolError};
use callboard_actors::vocabulary::Workplace;
use callboard_actors::workspaces::{Root, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// How long a program may run where nothing is said, and at most, in seconds.
const USUAL_S: u32 = 120;
const LONGEST_S: u32 = 3_600;

/// So much of each output is told: a model has to read it.
const TOLD_BYTES: usize = 40_000;

/// Where the system has programs.
const PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

pub(super) fn tool() -> Tool {
    Tool {
        name: "run_command".into(),
        description: "Runs a program with arguments in a copy of the workspace: a build, tests. There is no shell, no input and \
                      no network, and it sees nothing but the copy and the system's programs. Files that it makes or changes \
                      are taken over into the workspace afterwards, as far as you may write them. Gives exit_code, stdout and \
                      stderr (of long ones the beginning and the end; people find all of it where stdout_whole says), changed, and \
                      not_kept."
            .into(),
        parameters: json!({
            "type": "object",
            "required": ["program"],
            "additionalProperties": false,
            "properties": {
                "program": { "type": "string", "minLength": 1, "description": "Which program: cargo, pytest." },
                "arguments": { "type": "array", "items": { "type": "string" }, "description": "Its arguments, one by one." },
                "timeout_s": { "type": "integer", "minimum": 1, "maximum": LONGEST_S, "description": "How long it may run; else 120 seconds." },
            },
        }),
        needs: need("run_command"),
        repeat: Repeat::Ask,
        // Its own time is over before; copying takes some, too.
        timeout_s: LONGEST_S + 600,
    }
}

pub(super) struct RunCommand {
    pub(super) workspaces: Workspaces,
    pub(super) journal: Journal,
    pub(super) permit: Rc<Permit>,
}

#[derive(Deserialize)]
struct Asked {
    program: String,
    #[serde(default)]
    arguments: Vec<String>,
    timeout_s: Option<u32>,
}

impl Act for RunCommand {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let (workspaces, permit) = (self.workspaces.clone(), Rc::clone(&self.permit));
        let journal = self.journal.clone();
        async move {
            let Asked { program, arguments, timeout_s } = read(arguments)?;
            let timeout_s = timeout_s.unwrap_or(USUAL_S).min(LONGEST_S);
            let wanted = Wanted { line: Line { program, arguments }, timeout_s };
            Running { workspaces, journal, permit, caller, wanted }.all().await
        }
        .boxed_local()
    }
}

/// What is wanted.
struct Wanted {
    line: Line,
    timeout_s: u32,
}

/// A call on its way.
struct Running {
    workspaces: Workspaces,
    journal: Journal,
    permit: Rc<Permit>,
    caller: Caller,
    wanted: Wanted,
}

impl Running {
    async fn all(self) -> Result<Value, ToolError> {
        let place = place(&self.caller)?.clone();
        let guard = self.workspaces.guard().clone();
        let environment = self.permit.environment();
        find(&self.wanted.line.program, &environment)?;
        let scratch = Scratch::make(&guard, self.caller.id);
        let scratch = scratch.map_err(|error| {
            ToolError::passing(format!("failed to make room for the copy: {error}"))
        })?;
        let to = scratch.work();
        let bounded = self.permit.bounded(&self.workspaces);
        let copy =
            bounded.read(&place, move |root| Copy::make(root, &to)).await.map_err(trouble)?;
        let ended = run(&self.job(&scratch, environment)).await.map_err(ToolError::new)?;
        self.permit.has_run(ended.ran_ms);
        let whole = self.keep_whole(&ended, &scratch).await;
        let kept = match ended.stopped {
            // What was cut off may be half of something.
            Some(_) => Kept::default(),
            None => self.take_over(&place, Arc::new(copy), &scratch).await?,
        };
        let mut told = told(ended, &kept);
        for (stream, at) in whole {
            told[format!("{}_whole", stream.name())] = at.into();
        }
        Ok(told)
    }

    /// Keeps all of what is too long to be told; under which address.
    async fn keep_whole(&self, ended: &Ended, scratch: &Scratch) -> Vec<(Stream, String)> {
        let mut kept = Vec::new();
        for (stream, said) in [(Stream::Stdout, &ended.stdout), (Stream::Stderr, &ended.stderr)] {
            if said.bytes <= TOLD_BYTES as u64 {
                continue;
            }
            let (call, from) = (self.caller.id, scratch.outputs().join(stream.name()));
            let keep = self
                .journal
                .files()
                .run(move |files| files.keep_output(call, stream, &std::fs::read(from)?));
            match keep.await {
                Ok(()) => kept.push((stream, format!("/outputs/{call}/{}", stream.name()))),
                Err(error) => tracing::warn!(%error, "failed to keep what a program said"),
            }
        }
        kept
    }

    fn job(&self, scratch: &Scratch, environment: Environment) -> Job {
        let Wanted { line, timeout_s } = &self.wanted;
        let standing = &self.permit.standing;
        let timeout_s = standing.timeout_s(line).map_or(*timeout_s, |most| most.min(*timeout_s));
        Job {
            program: line.program.clone(),
            arguments: line.arguments.clone(),
            folder: scratch.work(),
            variables: variables(scratch, &environment),
            confinement: Confinement {
                writable: vec![scratch.work(), scratch.home()],
                readable: environment.read_only.into_iter().chain(environment.path).collect(),
                network: if standing.has_network(line) {
                    Network::Anybody
                } else {
                    Network::Nobody
                },
                namespaces: held().has_namespaces(),
                ..Confinement::default()
            },
            timeout_ms: (u64::from(timeout_s) * 1_000).min(self.permit.may_run_ms()),
            keep_bytes: TOLD_BYTES,
            outputs: Some(scratch.outputs()),
        }
    }

    /// What the program changed becomes a change of the workspace.
    async fn take_over(
        &self,
        place: &Workplace,
        copy: Arc<Copy>,
        scratch: &Scratch,
    ) -> Result<Kept, ToolError> {
        let compared = Arc::clone(&copy);
        let made = scratch.place(&place.record);
        let difference = self.workspaces.read(&made, move |root| compared.compare(root)).await;
        let kept = Kept::of(difference.map_err(trouble)?, &self.permit.standing, place);
        self.permit.refuse(&kept.refused);
        let (wanted, place) = (kept.wanted.clone(), place.clone());
        if wanted.is_empty() {
            return Ok(kept);
        }
        let bounded = self.permit.bounded(&self.workspaces);
        let plan = move |root: &Root| planned(root, &copy, &wanted);
        change_within(&bounded, &self.caller, &place, "run_command", plan).await?;
        Ok(kept)
    }
}

/// A program that is nowhere is told before anything is copied.
fn find(program: &str, environment: &Environment) -> Result<(), ToolError> {
    let folders = || environment.path.iter().cloned().chain(PATH.map(PathBuf::from));
    if program.contains('/') || folders().any(|folder| folder.join(program).is_file()) {
        return Ok(());
    }
    let folders: Vec<_> = folders().map(|folder| folder.display().to_string()).collect();
    Err(ToolError::new(format!(
        "there is no program {program:?} in {}: an operator names its folder under environment.path of the rules",
        folders.join(", ")
    )))
}

/// All that a program finds. What it builds goes beside its copy: it is no change of the workspace.
fn variables(scratch: &Scratch, environment: &Environment) -> BTreeMap<String, String> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let own = environment.path.iter().cloned().map(text);
    let path: Vec<_> = own.chain(PATH.map(str::to_owned)).collect();
    let mut variables: BTreeMap<_, _> = [
        ("PATH", path.join(":")),
        ("HOME", text(scratch.home())),
        ("TMPDIR", text(scratch.home().join("tmp"))),
        ("LANG", "C.UTF-8".to_owned()),
        ("CARGO_TARGET_DIR", text(scratch.home().join("target"))),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (name, value) in &environment.variables {
        variables.entry(name.clone()).or_insert_with(|| value.clone());
    }
    variables
}

fn told(ended: Ended, kept: &Kept) -> Value {
    let Ended { exit_code, signal, stopped, ran_ms, stdout, stderr } = ended;
    let changed: Vec<_> = kept.wanted.keys().take(200).collect();
    let mut told = json!({
        "exit_code": exit_code, "ran_ms": ran_ms, "stdout": stdout.text, "stderr": stderr.text, "changed": changed,
    });
    let mut note = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            told[name] = value;
        }
    };
    let long = |text: &Text| (text.bytes > TOLD_BYTES as u64).then(|| json!(text.bytes));
    note("signal", signal.map(Into::into));
    note("stopped", stopped.map(Into::into));
    note("stdout_bytes", long(&stdout));
    note("stderr_bytes", long(&stderr));
    let left = kept.left.iter().map(|(path, why)| json!({ "path": path, "why": why }));
    note("not_kept", (!kept.left.is_empty()).then(|| left.collect()));
    told
}

//! [`opening`]: a thread is opened: one that is there, or one that begins with what is said first.

use super::family::Family;
use super::following::Following;
use super::frame::{Opened, Question};
use super::request::Open;
use super::runs::question;
use super::words::Words;
use crate::threads::{self, Row};
use crate::wire::{App, Problem};
use callboard_actors::entity::Directory;
use callboard_actors::graph::{Definition, workspace_inputs};
use callboard_actors::processes::Process;
use callboard_actors::vocabulary::{Name, Patterns, Position, WorkflowId};
use callboard_actors::workflows::{Past, Workflow};
use serde_json::Value;

/// The workflow of a thread that names none.
const DEFAULT: &str = "autoagent";

/// So many turns may be gone on with.
const MOST_STREAMS: usize = 256;

/// Where messages about workflows are published, below the root.
const TOPICS: [&str; 5] = ["workflow.>", "node.>", "tool.>", "workspace.>", "system.supervision"];

/// A thread that is open on a connection.
#[derive(Debug, Clone)]
pub(super) struct Thread {
    /// Which workflow it is.
    pub(super) workflow: WorkflowId,
    /// Its definition's name.
    pub(super) definition: String,
}

/// What comes of an opening.
pub(super) enum Opening {
    /// From here on it is told.
    Done(Thread, Box<Opened>, Box<Following>),
    /// The cursor is of another journal.
    Gone,
}

/// Opens a thread.
pub(super) async fn opening(app: &App, open: Open) -> Result<Opening, Problem> {
    let journal = &app.parts().journal;
    let (head, epoch) = (journal.feed().head(), journal.epoch().to_owned());
    let after = open.after.unwrap_or(0);
    if open.epoch.as_ref().is_some_and(|theirs| *theirs != epoch) || after > head {
        return Ok(Opening::Gone);
    }
    check(&open, after)?;
    let found = find(app, &open).await?;
    let after = after.max(found.beginning.unwrap_or(head));
    let root = found.row.as_ref().map_or_else(
        || found.workflow.0.as_str().to_owned(),
        |row| threads::text(row, "root_id").to_owned(),
    );
    let mut family = Family::of(app.clone(), found.workflow.clone(), root);
    let questions = questions(app, &mut family, &found).await?;
    let mut words = Words::new(journal.clone(), open.tokens);
    for heard in &open.streams {
        check_stream(app, &mut family, &heard.process).await?;
        words.go_on(heard);
    }
    let topics = TOPICS.map(|topic| format!("{}.{topic}", journal.topic_root()));
    let subscription = journal.subscribe(Patterns::parse(&topics)?, after);
    let Found { workflow, definition, row, .. } = found;
    let row = row.unwrap_or_default();
    let opened = Opened {
        id: open.id,
        workflow_id: workflow.clone(),
        workflow: definition.name.clone(),
        status: row.get("status").and_then(Value::as_str).map(str::to_owned),
        run: row.get("run").cloned().unwrap_or_else(|| 0.into()),
        after,
        head,
        epoch,
        text_input: threads::text_input(&definition),
        workspace_inputs: workspace_inputs(&definition),
        input: definition.input.clone(),
        questions,
    };
    let thread = Thread { workflow, definition: definition.name };
    let following = Following::of(app.clone(), family, words, subscription);
    Ok(Opening::Done(thread, Box::new(opened), Box::new(following)))
}

fn check(open: &Open, after: Position) -> Result<(), Problem> {
    if after < 0 {
        return Err(Problem::unprocessable("after has to be 0 or a position that was heard"));
    }
    if open.streams.len() > MOST_STREAMS {
        let text =
            format!("streams: these are more than {MOST_STREAMS}: leave out turns that are over");
        return Err(Problem::unprocessable(text));
    }
    Ok(())
}

/// What is meant.
struct Found {
    workflow: WorkflowId,
    definition: Definition,
    /// How it stands; `None`: it has not begun.
    row: Option<Row>,
    /// The position before its first message.
    beginning: Option<Position>,
}

async fn find(app: &App, open: &Open) -> Result<Found, Problem> {
    let named = open.workflow_id.as_deref().map(str::parse::<Name>).transpose();
    let named = named.map_err(|error| Problem::unprocessable(format!("workflow_id: {error}")))?;
    let workflow = WorkflowId(named.unwrap_or_else(Name::fresh));
    if open.workflow_id.is_some()
        && let Some(row) = threads::row(app, &workflow).await?
    {
        return existing(app, open, workflow, row).await;
    }
    let name = match &open.workflow {
        Some(name) => name,
        None if open.workflow_id.is_none() => DEFAULT,
        None => {
            let text = format!(
                "there is no workflow {workflow}: say in `workflow` which definition it is to be begun from"
            );
            return Err(Problem::not_found(text));
        }
    };
    let definition = threads::entry(app, name)?.written.definition.clone();
    Ok(Found { workflow, definition, row: None, beginning: None })
}

async fn existing(
    app: &App,
    open: &Open,
    workflow: WorkflowId,
    row: Row,
) -> Result<Found, Problem> {
    let journal = &app.parts().journal;
    let past = Past::read(journal, &workflow).await?;
    let name = &past.order.definition;
    if let Some(other) = open.workflow.as_ref().filter(|other| *other != name) {
        let text =
            format!("the workflow is a {name}, not a {other}: leave `workflow` out, or name it");
        return Err(Problem::unprocessable(text));
    }
    let bundle = past.bundle(journal).await?;
    let definition = threads::definition(&bundle, name)?.clone();
    let stream = Directory::<Workflow>::stream(&workflow.0);
    let loaded = journal.load(stream, 0).await?;
    let beginning = loaded.messages.first().map(|first| first.position - 1);
    Ok(Found { workflow, definition, row: Some(row), beginning })
}

/// Those that are open now.
async fn questions(
    app: &App,
    family: &mut Family,
    found: &Found,
) -> Result<Vec<Question>, Problem> {
    let Some(row) = &found.row else { return Ok(Vec::new()) };
    let mut questions = Vec::new();
    for asked in threads::open(app, &found.workflow, row).await? {
        let before = family.before(&asked.workflow_id.0).await?.unwrap_or_default();
        questions.push(question(&before, asked.interrupt));
    }
    Ok(questions)
}

/// Nobody hears another thread's models here.
async fn check_stream(app: &App, family: &mut Family, process: &Name) -> Result<(), Problem> {
    let stream = Directory::<Process>::stream(process);
    // What was asked for a moment ago may not have its process yet.
    let Some(row) = app.parts().journal.reader().row("processes", stream).await? else {
        return Ok(());
    };
    let ours = match threads::text(&row, "workflow_id").parse::<Name>() {
        Ok(workflow) => family.before(&workflow).await?.is_some(),
        Err(_) => false,
    };
    let wrong = || format!("streams: {process} is no turn of this thread: leave it out");
    if ours { Ok(()) } else { Err(Problem::unprocessable(wrong())) }
}

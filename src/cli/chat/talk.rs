//! [`Talk`]: lines go in, frames come out, until there is nothing more to say. A connection that breaks is made again, and
//! goes on where it broke.

use std::path::PathBuf;
use std::pin::Pin;

use serde_json::{Map, Value};

use super::cursor::Cursor;
use super::lines::Lines;
use super::paint::Paint;
use super::person::{Meant, ORDERS, Person};
use super::socket::Socket;
use super::speakers::Shown;
use super::view::View;
use crate::cli::args::Chat;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::{Out, remark};
use crate::cli::spawn::Host;
use crate::cli::workflows::{absolute, value};
use crate::cli::{Exit, interrupt};

/// How a talk is told to stop.
type Told = Pin<Box<dyn Future<Output = ()>>>;

/// A talk.
pub(super) struct Talk<'a, 'b> {
    host: &'a mut Host<'b>,
    out: &'a mut Out,
    is_json: bool,
    /// The definition, as it was named.
    workflow: Option<String>,
    thread: Option<String>,
    workspace: Option<PathBuf>,
    said: Vec<(String, String)>,
    cursor: Cursor,
    person: Person,
    view: View,
    lines: Lines,
    /// Somebody has pressed Ctrl-C, and the run has not ended yet: by which name that was said.
    cancelling: Option<String>,
    /// How the last run ended.
    exit: Exit,
}

/// What follows.
enum Next {
    /// The same connection.
    Stay,
    /// The end.
    Leave(Exit),
}

/// What has happened.
enum Happened {
    Heard(Result<Value, Failure>),
    Typed(Option<String>),
    Pressed,
    Dismissed,
}

impl<'a, 'b> Talk<'a, 'b> {
    /// With this thread.
    pub(super) fn new(
        context: &Context,
        host: &'a mut Host<'b>,
        chat: &Chat,
        out: &'a mut Out,
    ) -> Self {
        let view = View::new(Paint::of(out.is_terminal()));
        let params = chat.params.iter().map(|one| (one.name.clone(), one.value.clone()));
        Self {
            host,
            is_json: context.is_json,
            workflow: chat.workflow.clone(),
            thread: chat.thread.clone(),
            workspace: chat.workspace.clone(),
            said: params.collect(),
            cursor: Cursor::default(),
            person: Person::default(),
            view,
            lines: Lines::of_stdin(),
            cancelling: None,
            exit: Exit::Done,
            out,
        }
    }

    /// Until whoever talks has nothing more to say, or leaves.
    pub(super) async fn until_the_end(mut self) -> Outcome {
        let pressed = || -> Told { Box::pin(interrupt::pressed()) };
        let (mut press, mut dismissal): (Told, Told) =
            (pressed(), Box::pin(interrupt::dismissed()));
        loop {
            let mut socket = tokio::select! {
                opened = self.connect() => opened?,
                () = &mut press => return Ok(self.left()),
                () = &mut dismissal => return Ok(self.left()),
            };
            self.prompt()?;
            let broken = loop {
                let wants_line = self.wants_line();
                let happened = tokio::select! {
                    heard = socket.hear() => Happened::Heard(heard),
                    line = self.lines.next(), if wants_line => Happened::Typed(line),
                    () = &mut press => Happened::Pressed,
                    () = &mut dismissal => Happened::Dismissed,
                };
                if matches!(happened, Happened::Pressed) {
                    press = pressed();
                }
                match self.react(happened, &mut socket).await {
                    Ok(Next::Stay) => {}
                    Ok(Next::Leave(exit)) => {
                        socket.close().await;
                        return Ok(exit);
                    }
                    Err(failure) => break failure,
                }
            };
            if !broken.may_pass() {
                return Err(broken);
            }
            self.out.end_line()?;
            remark(format!("{}; connecting again", broken.message));
        }
    }

    /// A connection on which the thread is open; what was said and not heard is said again, which is the same.
    async fn connect(&mut self) -> Result<Socket, Failure> {
        loop {
            let mut socket = self.host.ask(async |client| Socket::open(&client).await).await?;
            match self.open(&mut socket).await {
                Ok(true) => return Ok(socket),
                // The cursor was worth nothing: from the beginning, then.
                Ok(false) => self.cursor.reset(),
                Err(failure) if failure.may_pass() => {
                    remark(format!("{}; connecting again", failure.message));
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn open(&mut self, socket: &mut Socket) -> Result<bool, Failure> {
        let workflow = self.workflow.as_deref();
        socket.say(&self.cursor.wish(workflow, self.thread.as_deref())).await?;
        let opened = socket.hear().await?;
        match opened["op"].as_str() {
            Some("opened") => {}
            Some("gone") => return Ok(false),
            _ => return Err(refused(&opened)),
        }
        let is_first = self.cursor.is_new();
        self.take(&opened)?;
        if is_first {
            self.begin(&opened)?;
        }
        for said in self.person.unheard.clone() {
            socket.say(&said).await?;
        }
        Ok(true)
    }

    /// What is known of the thread from now on, and what its first message needs.
    fn begin(&mut self, opened: &Value) -> Result<(), Failure> {
        let text = |name: &str| opened[name].as_str().unwrap_or_default().to_owned();
        let (id, workflow) = (text("workflow_id"), text("workflow"));
        let mut params = Map::new();
        let folder = opened["workspace_inputs"][0].as_str();
        if opened["status"].is_null()
            && let Some(name) = folder
        {
            let place = absolute(self.workspace.as_deref().unwrap_or(".".as_ref()))?;
            remark(format!("its agents work in {}", place.as_str().unwrap_or_default()));
            params.insert(name.to_owned(), place);
        } else if self.workspace.is_some() {
            remark(
                "--workspace is not used: the thread has had its folder from the beginning, or needs none",
            );
        }
        for (name, said) in &self.said {
            params.insert(name.clone(), value(said, &opened["input"]["properties"][name]));
        }
        self.person.params = params;
        if !self.is_json {
            remark(format!("{workflow}, thread {id}: say what is wished for; orders: {ORDERS}"));
        }
        (self.thread, self.workflow) = (Some(id), Some(workflow));
        Ok(())
    }

    async fn react(&mut self, happened: Happened, socket: &mut Socket) -> Result<Next, Failure> {
        match happened {
            Happened::Heard(frame) => self.hear(&frame?),
            Happened::Typed(None) => Ok(self.without_lines()),
            Happened::Typed(Some(line)) => self.type_line(&line, socket).await,
            Happened::Pressed => self.press(socket).await,
            Happened::Dismissed => Ok(Next::Leave(self.left())),
        }
    }

    fn hear(&mut self, frame: &Value) -> Result<Next, Failure> {
        self.take(frame)?;
        if frame["op"] == "error" && !self.lines.is_terminal() && !self.person.is_waiting() {
            return Err(refused(frame));
        }
        self.prompt()?;
        Ok(if self.lines.is_over() { self.without_lines() } else { Next::Stay })
    }

    /// Keeps in mind what was heard, and shows it.
    fn take(&mut self, frame: &Value) -> Result<(), Failure> {
        self.cursor.take(frame);
        self.person.take(frame);
        match frame["op"].as_str() {
            // There was nothing to be cancelled: the next time it means what it meant.
            Some("error") if self.cancelling.as_deref() == frame["id"].as_str() => {
                self.cancelling = None;
            }
            _ => {}
        }
        match frame["op"].as_str() {
            Some("run_ended") => {
                self.cancelling = None;
                self.exit = if frame["status"] == "completed" { Exit::Done } else { Exit::Failed };
            }
            Some("error") if !self.is_json => {
                self.out.end_line()?;
                remark(refused(frame).message);
            }
            _ => {}
        }
        if self.is_json {
            self.out.json_line(frame)?;
            return Ok(());
        }
        for shown in self.view.take(frame) {
            match shown {
                Shown::Line(line) => self.out.line(line)?,
                Shown::Piece(piece) => self.out.piece(&piece)?,
            }
        }
        Ok(())
    }

    /// Whether the next line is wanted now: a person may type ahead of an answer, a script is read when it is its turn.
    fn wants_line(&self) -> bool {
        if self.lines.is_over() {
            return false;
        }
        self.lines.is_terminal() && self.person.unheard.is_empty()
            || !self.person.is_waiting()
            || self.person.is_asked()
    }

    /// Nothing more will be said; whoever is at work is heard out.
    fn without_lines(&self) -> Next {
        if self.person.is_asked() {
            remark("something is asked, and nobody is there to answer");
            return Next::Leave(Exit::Failed);
        }
        if !self.person.is_waiting() {
            return Next::Leave(self.exit);
        }
        if self.lines.is_terminal() { Next::Leave(self.left()) } else { Next::Stay }
    }

    async fn type_line(&mut self, line: &str, socket: &mut Socket) -> Result<Next, Failure> {
        if self.lines.is_terminal() {
            self.out.line_was_ended();
        }
        match self.person.mean(line, &uuid::Uuid::now_v7().to_string()) {
            Meant::Leave if self.person.is_waiting() => return Ok(Next::Leave(self.left())),
            Meant::Leave => return Ok(Next::Leave(self.exit)),
            Meant::Frame(said) => socket.say(&said).await?,
            Meant::Remark(text) => remark(text),
            Meant::Nothing => {}
        }
        self.prompt()?;
        Ok(Next::Stay)
    }

    /// The first time the run is cancelled; the second time we leave.
    async fn press(&mut self, socket: &mut Socket) -> Result<Next, Failure> {
        if self.cancelling.is_some() || !self.person.is_waiting() {
            return Ok(Next::Leave(self.left()));
        }
        let id = uuid::Uuid::now_v7().to_string();
        self.out.end_line()?;
        remark("cancelling the run; once more leaves it alone, and leaves");
        let meant = self.person.mean("/cancel", &id);
        self.cancelling = Some(id);
        if let Meant::Frame(said) = meant {
            socket.say(&said).await?;
        }
        Ok(Next::Stay)
    }

    /// Says whose turn it is.
    fn prompt(&mut self) -> Result<(), Failure> {
        let is_person = self.lines.is_terminal() && self.out.is_terminal() && !self.is_json;
        let is_their_turn = self.person.is_asked() || !self.person.is_waiting();
        if is_person && is_their_turn && self.out.is_at_line_start() {
            self.out.piece(if self.person.is_asked() { "answer › " } else { "› " })?;
        }
        Ok(())
    }

    /// How it ends for whoever leaves early.
    fn left(&self) -> Exit {
        let Some(id) = self.thread.as_ref().filter(|_| self.person.is_waiting()) else {
            return Exit::Interrupted;
        };
        remark(if self.host.is_ours() {
            format!(
                "\nstopping; {id} is kept and goes on with the next `callboard serve` or `callboard chat --thread {id}`"
            )
        } else {
            format!(
                "\n{id} goes on without us: `callboard chat --thread {id}` comes back, `callboard workflows cancel {id}` ends it"
            )
        });
        Exit::Interrupted
    }
}

/// What the server says of what it does not do.
fn refused(frame: &Value) -> Failure {
    let problem = &frame["problem"];
    let status = problem["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let detail = problem["detail"]
        .as_str()
        .unwrap_or("the server answered what is no answer of Callboard's");
    Failure::new(status.map_or(Exit::Unreachable, Exit::of_status), detail)
}

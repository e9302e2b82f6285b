//! [`hold`]: what a shim does.

use super::hand::{Answer, Assignment, GO};
use crate::journal::{Files, Home, home};
use crate::processes::attempt::desk::Desk;
use crate::processes::attempt::execute::Execute;
use crate::processes::attempt::exit::Remains;
use crate::processes::attempt::folder::Folder;
use crate::processes::attempt::heir;
use crate::processes::attempt::patience::patiently;
use crate::processes::attempt::road::walk;
use crate::processes::attempt::room::is_full;
use crate::processes::command::Ended;
use crate::processes::effect::Attempt;
use crate::processes::identity::{Executor, Stat};
use crate::vocabulary::Clock;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Works on an attempt: claims its folder, waits until the server lets it go, asks, and makes the end
/// durable. `input` goes on behind the assignment; `output` is read by the server.
///
/// # Errors
/// If nothing can be said to the server, or the folder cannot be reached. Nobody was asked then.
pub async fn hold<E: Execute>(
    assignment: Assignment,
    runtime: E,
    input: impl BufRead + Send + 'static,
    mut output: impl Write,
) -> io::Result<()> {
    let mut told = Told::listen()?;
    let files = Files::new(
        Home::look(&assignment.home, assignment.home.join("callboard.db"))
            .map_err(io::Error::other)?,
    );
    let folder = Folder::of(&files, &assignment.work.attempt);
    expect_own_session()?;
    heir::inherit()?;
    let _lock = match folder.claim_as_shim() {
        Ok(Some(lock)) => lock,
        Ok(None) => return say(&mut output, &Answer::Taken),
        Err(error) if is_full(&error) => return say(&mut output, &Answer::Full(error.to_string())),
        Err(error) => return Err(error),
    };
    // Whoever does not hear it cannot let it go.
    let is_heard = say(&mut output, &Answer::Claimed(Executor::this())).is_ok();
    drop(output);
    if !(is_heard && is_let_go(input).await) {
        patiently(&files, move || folder.end(Ended::NotBegun { why: None }, Remains::default()))
            .await;
        return Ok(());
    }
    let desk = Desk::in_shim(folder.clone());
    let clock = Clock::system();
    let asking = (&runtime, desk.clone());
    tokio::select! {
        _ended = walk(&folder, asking, assignment.work, &clock, told.stop()) => {}
        () = heir::clear_up(&desk) => {}
    }
    Ok(())
}

/// Where a shim's own log belongs: with what else there is of the attempt, and gone when that goes.
pub fn log_of(assignment: &Assignment) -> PathBuf {
    let Attempt { process_id, number, .. } = &assignment.work.attempt;
    assignment.home.join(home::attempt_folder(process_id, *number)).join("shim.log")
}

/// Says that a shim cannot work, and why.
///
/// # Errors
/// If nobody listens.
pub fn decline(mut output: impl Write, why: impl Into<String>) -> io::Result<()> {
    say(&mut output, &Answer::Failed(why.into()))
}

fn say(output: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let text = serde_json::to_string(answer)?;
    writeln!(output, "{text}")?;
    output.flush()
}

/// What came out of this process is known by its session: it has to be its own.
fn expect_own_session() -> io::Result<()> {
    let this = std::process::id();
    match Stat::of(this) {
        Some(stat) if stat.session == this => Ok(()),
        _ => Err(io::Error::other("a shim needs a session of its own")),
    }
}

/// Whether the server lets it go; else the server has gone, and nobody is to be asked.
async fn is_let_go(mut input: impl BufRead + Send + 'static) -> bool {
    let read = move || {
        let mut line = String::new();
        input.read_line(&mut line).map(|_| line.trim_end() == GO)
    };
    matches!(tokio::task::spawn_blocking(read).await, Ok(Ok(true)))
}

/// The signals by which a shim is told to stop.
struct Told {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Told {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

//! [`attend`]: stays with a program that is spoken to over stdin and stdout, so that nothing of it outlives whoever speaks
//! to it.
//!
//! ```text
//! server ══ stdin, stdout, stderr: pipes ═══════════════════════╗
//!    └─► callboard attend ── a session of its own, heir of all ──►║ the program, in a group of its own
//!              └ looks whether the server still holds its end of stdin; takes part in nothing that is said
//! ```
//!
//! When the server has closed its end, or is gone in whatever way, the program has a moment to end by itself, as the
//! protocol wants it; then all that came out of it is asked to end, and ended. When the program ends first, what it left
//! running goes at once. Should the attendant be killed itself, the kernel ends the program. The environment, the folder and the pipes are those that this process was given.

use callboard_actors::processes::{Executor, Family, inherit, take_away};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// So long a program may take to end by itself once nobody speaks to it any more.
const PATIENCE: Duration = Duration::from_secs(2);

/// At most so often remains are taken away: a program may start thousands that end at once.
const PAUSE: Duration = Duration::from_millis(100);

/// What an exit code says of a program that was ended by a signal, as shells say it: this and the signal's number.
const BY_SIGNAL: i32 = 128;

/// Runs a program until it ends, or nobody speaks to it any more; gives its exit code. Blocks.
///
/// # Errors
/// If it cannot be begun.
pub fn attend(program: &str, arguments: &[String]) -> io::Result<u8> {
    // No terminal is ours, and no signal of one. It fails only for the leader of a group.
    let _own_already = rustix::process::setsid();
    inherit()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(stay(program, arguments));
    // Whoever looks at stdin may look for ever.
    runtime.shutdown_background();
    code
}

/// Becomes a program that the kernel ends when whoever attends it is killed: then nobody is left who would. Comes back only
/// if it cannot be.
pub fn become_held(attendant: u32, program: &str, arguments: &[String]) -> io::Error {
    let held = set_parent_process_death_signal(Some(Signal::KILL));
    if let Err(error) = held {
        return error.into();
    }
    // They may have been killed before that.
    if getppid().map(|parent| parent.as_raw_pid().cast_unsigned()) != Some(attendant) {
        return io::Error::other("nobody attends it any more");
    }
    std::process::Command::new(program).args(arguments).exec()
}

async fn stay(program: &str, arguments: &[String]) -> io::Result<u8> {
    let family = Family::of(Executor::this());
    let (name, value) = family.mark();
    let deserted = deserted();
    // This program once more, which becomes the one that is wanted.
    let mut child = Command::new("/proc/self/exe")
        .arg0("callboard")
        .args(["attend", "--held-by", &std::process::id().to_string(), "--", program])
        .args(arguments)
        .env(name, value)
        .process_group(0)
        .spawn()?;
    let number = child.id();
    let code = tokio::select! {
        status = child.wait() => code(status?),
        () = clear_up(number) => 0,
        _ = deserted => {
            leave(&mut child, &family).await;
            0
        }
    };
    family.kill().await;
    Ok(code)
}

/// Lets it end by itself, then has all end that came out of it.
async fn leave(child: &mut Child, family: &Family) {
    let _ended_or_not = tokio::time::timeout(PATIENCE, child.wait()).await;
    family.end().await;
}

/// Takes the remains of others away that have come to us; never comes to an end.
async fn clear_up(except: Option<u32>) {
    let Ok(mut ended) = signal(SignalKind::child()) else { return std::future::pending().await };
    loop {
        ended.recv().await;
        take_away(except);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Comes true when nobody holds the other end of our stdin any more, whatever may still lie in it.
fn deserted() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let stdin = io::stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
        // A pipe that cannot be looked at is nobody's.
        while let Err(rustix::io::Errno::INTR) = poll(&mut fds, None) {}
        let _has_ended_meanwhile = tell.send(());
    });
    told
}

fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| BY_SIGNAL + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

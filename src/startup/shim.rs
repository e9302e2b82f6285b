//! [`shim`]: this program as the shim of one attempt.

use crate::telemetry;
use crate::world::{Runtime, Runtimes, Spec};
use callboard_actors::processes::shim::{Assignment, decline, hold, log_of};
use std::io::{self, BufRead, BufReader};

/// Works on the attempt that comes over stdin, in a session of its own; says on stdout that it has begun.
///
/// # Errors
/// If it cannot be begun. Nobody was asked then.
pub fn shim() -> anyhow::Result<()> {
    // Whoever starts it stays behind: its terminal, its signals, its end. It fails only for the leader of a
    // group, whose session is checked before anything is done.
    let _own_already = rustix::process::setsid();
    let mut input = BufReader::new(io::stdin());
    let mut line = String::new();
    input.read_line(&mut line)?;
    let assignment: Assignment = serde_json::from_str(&line)?;
    drop(line);
    telemetry::keep(log_of(&assignment));
    let system = actix_rt::System::new();
    system.block_on(async move {
        let begun = begin(assignment, input).await;
        if let Err(error) = &begun {
            // Nobody may listen any more.
            let _ = decline(io::stdout(), format!("{error:#}"));
        }
        begun
    })
}

async fn begin(assignment: Assignment, input: impl BufRead + Send + 'static) -> anyhow::Result<()> {
    let spec: Spec = serde_json::from_value(assignment.runtime.clone())?;
    let name = assignment.work.attempt.runtime.clone();
    let runtimes = Runtimes::new([(name, Runtime::open(spec)?)].into());
    Ok(hold(assignment, runtimes, input, io::stdout()).await?)
}

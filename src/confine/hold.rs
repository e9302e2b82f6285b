//! [`hold`]: runs a program, confined, and stays with it until all that came out of it has ended.
//!
//! The program is the leader of a group that nothing of it can leave, so the end of the group is the end of all. Whoever
//! wanted it holds our stdin open: when that closes, they have gone, and nobody wants it any more.

use super::confinement::{Ended, Job, Text};
use super::output::Kept;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io::{self, BufRead, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

/// So much may a program write to its outputs.
const MOST_OUTPUT: u64 = 64 << 20;

/// How often it is looked how much that is.
const LOOK: Duration = Duration::from_millis(200);

/// What is heard while it runs.
enum News {
    /// It has ended by itself.
    Ended,
    /// Nobody wants it any more.
    Unwanted,
}

/// Runs the job that stands in the first line of `input`; what comes of it.
///
/// # Errors
/// If it cannot be begun.
pub fn hold(mut input: impl BufRead + Send + 'static) -> io::Result<Ended> {
    // No terminal is ours, and no signal of one.
    let _own_already = rustix::process::setsid();
    let mut line = String::new();
    input.read_line(&mut line)?;
    let job: Job = serde_json::from_str(&line)?;
    let begun = Instant::now();
    let mut running = Running::begin(&job)?;
    let (news, heard) = channel();
    listen(input, news.clone());
    running.watch(news);
    let stopped =
        wait(&heard, &running.written, begun + Duration::from_millis(job.timeout_ms), &job);
    let ended = running.end()?;
    Ok(Ended { stopped, ran_ms: millis(begun.elapsed()), ..ended })
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A program that runs.
struct Running {
    child: Child,
    group: Pid,
    written: Arc<AtomicU64>,
    stdout: Option<JoinHandle<Text>>,
    stderr: Option<JoinHandle<Text>>,
}

impl Running {
    /// This program once more restricts itself and becomes it.
    fn begin(job: &Job) -> io::Result<Self> {
        let mut child = Command::new("/proc/self/exe")
            .arg0("callboard")
            .args(job.call()?)
            .env_clear()
            .envs(&job.variables)
            .current_dir(&job.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let group = Pid::from_child(&child);
        let written = Arc::new(AtomicU64::new(0));
        let kept = |stream| {
            let whole = job.outputs.as_ref().map(|folder| folder.join(stream));
            Kept::new(job.keep_bytes).with(whole)
        };
        let stdout = child.stdout.take().map(|from| keep(from, kept("stdout"), &written));
        let stderr = child.stderr.take().map(|from| keep(from, kept("stderr"), &written));
        Ok(Self { child, group, written, stdout, stderr })
    }

    /// Tells when it has ended. It stays known to the kernel until [`Running::end`], so its number is nobody else's.
    fn watch(&self, news: Sender<News>) {
        let group = self.group;
        spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(group), options) {}
            let _ = news.send(News::Ended);
        });
    }

    /// Ends all that is left of it.
    fn end(&mut self) -> io::Result<Ended> {
        let is_over = waitid(
            WaitId::Pid(self.group),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG,
        );
        let is_over = matches!(is_over, Ok(Some(_)));
        // Its leader is still known: the group is nobody else's.
        let _ = kill_process_group(self.group, Signal::KILL);
        let status = self.child.wait()?;
        let text = |kept: &mut Option<JoinHandle<Text>>| {
            kept.take().and_then(|kept| kept.join().ok()).unwrap_or_default()
        };
        let (stdout, stderr) = (text(&mut self.stdout), text(&mut self.stderr));
        let (exit_code, signal) =
            if is_over { (status.code(), status.signal()) } else { killed(status) };
        Ok(Ended { exit_code, signal, stopped: None, ran_ms: 0, stdout, stderr })
    }
}

/// It was we who ended it.
fn killed(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    (None, status.signal())
}

fn keep(
    from: impl Read + Send + 'static,
    kept: Kept,
    written: &Arc<AtomicU64>,
) -> JoinHandle<Text> {
    let written = Arc::clone(written);
    spawn(move || kept.read(from, &written))
}

fn listen(mut input: impl Read + Send + 'static, news: Sender<News>) {
    spawn(move || {
        let _ = io::copy(&mut input, &mut io::sink());
        let _ = news.send(News::Unwanted);
    });
}

/// Why it is to be ended; `None`: it has ended.
fn wait(
    heard: &Receiver<News>,
    written: &AtomicU64,
    deadline: Instant,
    job: &Job,
) -> Option<String> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match heard.recv_timeout(left.min(LOOK)) {
            Ok(News::Ended) => return None,
            Ok(News::Unwanted) | Err(RecvTimeoutError::Disconnected) => {
                return Some("nobody wanted it any more".into());
            }
            Err(RecvTimeoutError::Timeout) if written.load(Ordering::Relaxed) > MOST_OUTPUT => {
                return Some(format!("it wrote more than {MOST_OUTPUT} bytes"));
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                return Some(format!("it ran longer than {} s", job.timeout_ms / 1_000));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

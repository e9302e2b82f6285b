//! A person at a terminal, who is asked by the run that they follow.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

use super::house::House;

const PATIENCE: Duration = Duration::from_secs(30);

const ASKING: &str = "name: asking
start: ask
state: {go: {}}
nodes:
  ask:
    interrupt: {question: Shall we go?, answer: {enum: [yes please, no thanks]}}
    write: {go: output}
output: {said: state.go}
";

/// A command in a terminal of its own.
pub(super) struct Terminal {
    ours: File,
    pub(super) child: Child,
    pieces: mpsc::Receiver<Vec<u8>>,
    read: String,
}

impl Terminal {
    pub(super) fn start(house: &House, arguments: &[&str]) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let ours = openpt(flags).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let theirs = ioctl_tiocgptpeer(&ours, flags).unwrap();
        let end = || -> OwnedFd { theirs.try_clone().unwrap() };
        let mut command = house.command(arguments);
        command.stdin(Stdio::from(end())).stdout(Stdio::from(end())).stderr(Stdio::from(end()));
        let child = command.spawn().unwrap();
        let ours = File::from(ours);
        let pieces = pieces(ours.try_clone().unwrap());
        Self { ours, child, pieces, read: String::new() }
    }

    pub(super) fn wait_for(&mut self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.read.contains(words) {
            let left = deadline.saturating_duration_since(Instant::now());
            let piece = self.pieces.recv_timeout(left);
            let piece = piece.unwrap_or_else(|_| panic!("{words:?} never came: {}", self.read));
            self.read.push_str(&String::from_utf8_lossy(&piece));
        }
        self.read = self.read.split_once(words).expect("it is there").1.to_owned();
    }

    pub(super) fn type_line(&mut self, line: &str) {
        writeln!(self.ours, "{line}").unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A terminal that nobody writes to any more reads as an error.
fn pieces(mut terminal: File) -> mpsc::Receiver<Vec<u8>> {
    let (tell, pieces) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = terminal.read(&mut buffer) {
            if tell.send(buffer[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    pieces
}

#[test]
fn who_follows_a_run_answers_its_questions_where_they_are_asked() {
    let house = House::new();
    let folder = house.beside("config/workflows");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("asking.yaml"), ASKING).unwrap();

    let mut terminal = Terminal::start(&house, &["run", "asking"]);
    terminal.wait_for("answer to “Shall we go?”: ");
    terminal.type_line("perhaps");
    terminal.wait_for("does not fit the question");
    terminal.wait_for("answer to “Shall we go?”: ");
    terminal.type_line("yes please");
    terminal.wait_for("completed");
    terminal.wait_for("yes please");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(0));
}

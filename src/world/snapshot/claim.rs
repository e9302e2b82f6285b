//! [`Claim`]: the note in an attempt's folder that its program worked on a copy: without one there is nothing to take
//! over.

use callboard_actors::journal::{Files, home};
use callboard_actors::processes::Attempt;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;

/// That a program works on a copy.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    /// Since which start of the machine: a copy is not made safe, and is not whole after another.
    boot_id: String,
}

impl Claim {
    /// Of one that begins now.
    pub(super) fn now() -> io::Result<Self> {
        let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
        Ok(Self { boot_id: boot_id.trim().to_owned() })
    }

    fn name(attempt: &Attempt) -> String {
        format!("{}/snapshot", home::attempt_folder(&attempt.process_id, attempt.number))
    }

    /// Puts it into the attempt's folder. Durable.
    pub(super) fn put(&self, files: &Files, attempt: &Attempt) -> io::Result<()> {
        files.publish(&Self::name(attempt), &serde_json::to_vec(self)?).map(drop)
    }

    /// What stands in the attempt's folder.
    pub(super) fn read(files: &Files, attempt: &Attempt) -> io::Result<Option<Self>> {
        match fs::read(files.home().path(&Self::name(attempt))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            text => Ok(Some(serde_json::from_slice(&text?)?)),
        }
    }
}

//! Operations on the files of one folder.

/// What was done, in order. Paths are relative to the folder, which itself is the empty path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) operations: Vec<Operation>,
}

impl Trace {
    /// The same, of a folder in which this was done before.
    pub(crate) fn behind(self, before: &[Operation]) -> Self {
        let mut operations = before.to_vec();
        operations.extend(self.operations.into_iter().map(|operation| match operation {
            Operation::Sync { path, began } => {
                Operation::Sync { path, began: began + before.len() }
            }
            other => other,
        }));
        Self { operations }
    }
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A file was opened in a way that makes or empties it.
    Open { path: String, create: bool, truncate: bool, mode: u32 },
    /// Bytes were written; without an offset at the end.
    Write { path: String, offset: Option<u64>, data: Vec<u8> },
    /// A file got this length.
    Truncate { path: String, length: u64 },
    /// A file's content, or a folder's entries, were made durable, as far as they had been changed
    /// when `began` operations had ended.
    Sync { path: String, began: usize },
    /// A folder was made.
    Mkdir { path: String, mode: u32 },
    /// A name was given to something else's content.
    Link { from: String, to: String },
    /// A symbolic link was made.
    Symlink { target: String, path: String },
    /// A name was changed.
    Rename { from: String, to: String },
    /// Two names of one folder were exchanged.
    Exchange { one: String, other: String },
    /// Who may do what with a file.
    Mode { path: String, mode: u32 },
    /// A name was removed.
    Remove { path: String },
    /// Bytes were sent to someone.
    Sent { data: Vec<u8> },
}

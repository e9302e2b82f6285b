//! The calls that change names and lengths.

use super::call::{Call, Target, quoted, target};
use super::follower::Follower;
use super::operation::Operation;

impl Follower {
    /// The calls that change names and lengths.
    pub(super) fn names(&mut self, call: &Call) -> Result<(), String> {
        let operation = match call.name.as_str() {
            "mkdir" => self.one(call, None, |path| Operation::Mkdir { path, mode: call.mode(1) }),
            "mkdirat" => {
                self.one(call, Some(0), |path| Operation::Mkdir { path, mode: call.mode(2) })
            }
            "unlink" | "rmdir" => self.one(call, None, |path| Operation::Remove { path }),
            "unlinkat" => self.one(call, Some(0), |path| Operation::Remove { path }),
            "rename" => self.two(call, [None, None], |from, to| Operation::Rename { from, to })?,
            "renameat2" if call.has_flag(4, "RENAME_EXCHANGE") => {
                self.two(call, [Some(0), Some(2)], |one, other| Operation::Exchange { one, other })?
            }
            "renameat" | "renameat2" => {
                self.two(call, [Some(0), Some(2)], |from, to| Operation::Rename { from, to })?
            }
            "link" => self.two(call, [None, None], |from, to| Operation::Link { from, to })?,
            "linkat" => {
                self.two(call, [Some(0), Some(2)], |from, to| Operation::Link { from, to })?
            }
            "symlink" | "symlinkat" => self.symlink(call),
            "chmod" => self.one(call, None, |path| Operation::Mode { path, mode: call.mode(1) }),
            "fchmodat" => {
                self.one(call, Some(0), |path| Operation::Mode { path, mode: call.mode(2) })
            }
            "fchmod" => self.file(call).map(|path| Operation::Mode { path, mode: call.mode(1) }),
            "ftruncate" => self.file(call).map(|path| {
                let length = call.number(1).and_then(|length| length.try_into().ok()).unwrap_or(0);
                Operation::Truncate { path, length }
            }),
            // The first promises nothing, the others are births of programs and threads.
            "sync_file_range" | "clone" | "clone3" | "fork" | "vfork" => None,
            // Nobody reads what is reserved beyond a file's end.
            "fallocate" if call.argument(1) == "FALLOC_FL_KEEP_SIZE" => None,
            // Only what is written to matters.
            "copy_file_range" | "splice" if !self.is_ours(call.argument(2)) => None,
            "sendfile" if !self.is_ours(call.argument(0)) => None,
            _ if self.concerns_us(call) => {
                return Err(format!("{} on our files is not understood", call.name));
            }
            _ => None,
        };
        self.trace.operations.extend(operation);
        Ok(())
    }

    fn one(
        &self,
        call: &Call,
        base: Option<usize>,
        operation: impl FnOnce(String) -> Operation,
    ) -> Option<Operation> {
        self.path(call, base, base.map_or(0, |base| base + 1)).map(operation)
    }

    fn two(
        &self,
        call: &Call,
        bases: [Option<usize>; 2],
        operation: impl FnOnce(String, String) -> Operation,
    ) -> Result<Option<Operation>, String> {
        let [from, to] = bases;
        let from_path = self.path(call, from, from.map_or(0, |base| base + 1));
        let to_path = self.path(call, to, to.map_or(1, |base| base + 1));
        match (from_path, to_path) {
            (Some(from), Some(to)) => Ok(Some(operation(from, to))),
            (None, None) => Ok(None),
            (from, to) => Err(format!("{} across the border: {from:?} {to:?}", call.name)),
        }
    }

    fn symlink(&self, call: &Call) -> Option<Operation> {
        let base = (call.name == "symlinkat").then_some(1);
        let path = self.path(call, base, base.map_or(1, |base| base + 1))?;
        Some(Operation::Symlink { target: quoted(call.argument(0)), path })
    }

    fn concerns_us(&self, call: &Call) -> bool {
        call.arguments.iter().any(|argument| {
            let path = || self.ours(&quoted(argument));
            self.is_ours(argument) || argument.starts_with('"') && path().is_some()
        })
    }

    /// Whether a descriptor is one of our files.
    fn is_ours(&self, argument: &str) -> bool {
        matches!(target(argument), Target::Path(path) if self.ours(&path).is_some())
    }
}

//! Follows the calls of a program, and of those that it starts: which descriptor is which file, and where
//! writing goes on.

use std::collections::{HashMap, HashSet};

use super::births::Program;
use super::call::{Call, Target, quoted, target};
use super::operation::{Operation, Trace};

/// What is known after the calls so far.
#[derive(Debug)]
pub(super) struct Follower {
    home: String,
    pub(super) trace: Trace,
    /// Of each program. A child begins with its parent's; both go on at the same position then.
    descriptors: HashMap<Program, Descriptors>,
    /// Those to whom names mean something else: they have a root of their own, in which ours are made anew to hang up there
    /// what they may reach. Of our files that is copies of workspaces alone.
    apart: HashSet<Program>,
    /// Whose call is being taken in.
    at_work: Program,
    positions: Vec<Position>,
}

type Descriptors = HashMap<i64, usize>;

#[derive(Debug, Clone, Copy)]
struct Position {
    offset: u64,
    append: bool,
}

impl Follower {
    /// Follows what happens to the files below `home`.
    pub(super) fn new(home: &str) -> Self {
        Self {
            home: home.trim_end_matches('/').to_owned(),
            trace: Trace::default(),
            descriptors: HashMap::new(),
            apart: HashSet::new(),
            at_work: 0,
            positions: Vec::new(),
        }
    }

    /// How many operations have ended.
    pub(super) fn ended(&self) -> usize {
        self.trace.operations.len()
    }

    /// Takes in a call that succeeded, begun when `began` operations had ended, of a program that another
    /// one may have made.
    pub(super) fn call(
        &mut self,
        (program, parent): (Program, Option<Program>),
        call: &Call,
        began: usize,
    ) -> Result<(), String> {
        self.enter(program, parent);
        if self.apart.contains(&program) {
            return Ok(());
        }
        if is_to_a_socket(call) {
            self.push(Operation::Sent { data: call.bytes(1) });
            return Ok(());
        }
        match call.name.as_str() {
            "openat" | "open" | "creat" => self.open(call),
            "close" => {
                self.descriptors().remove(&descriptor(call, 0));
                Ok(())
            }
            "dup" | "dup2" | "dup3" | "fcntl" => {
                self.duplicate(call);
                Ok(())
            }
            "lseek" => {
                self.seek(call);
                Ok(())
            }
            "write" | "writev" | "pwrite64" | "pwritev" | "pwritev2" => self.write(call),
            "fsync" | "fdatasync" => {
                self.on_file(call, |path| Operation::Sync { path, began });
                Ok(())
            }
            "mmap" => self.mapping(call),
            "pivot_root" => {
                self.apart.insert(program);
                Ok(())
            }
            _ => self.names(call),
        }
    }

    fn enter(&mut self, program: Program, parent: Option<Program>) {
        self.at_work = program;
        if parent.is_some_and(|parent| self.apart.contains(&parent)) {
            self.apart.insert(program);
        }
        if !self.descriptors.contains_key(&program) {
            let inherited = parent.and_then(|parent| self.descriptors.get(&parent)).cloned();
            self.descriptors.insert(program, inherited.unwrap_or_default());
        }
    }

    /// Of the program whose call is being taken in.
    fn descriptors(&mut self) -> &mut Descriptors {
        self.descriptors.entry(self.at_work).or_default()
    }

    fn open(&mut self, call: &Call) -> Result<(), String> {
        let first = usize::from(call.name == "openat");
        let flags = first + 1;
        let base = (call.name == "openat").then_some(0);
        let Some(path) = self.path(call, base, first) else { return Ok(()) };
        if call.has_flag(flags, "O_TMPFILE") || call.name == "creat" {
            return Err("files without a name, and creat, are not understood".to_owned());
        }
        let (create, truncate) = (call.has_flag(flags, "O_CREAT"), call.has_flag(flags, "O_TRUNC"));
        let append = call.has_flag(flags, "O_APPEND");
        let descriptor = call.result.ok_or("an open without a result")?;
        let position = self.positions.len();
        self.descriptors().insert(descriptor, position);
        self.positions.push(Position { offset: 0, append });
        if create || truncate {
            let mode = call.mode(flags + 1);
            self.push(Operation::Open { path, create, truncate, mode });
        }
        Ok(())
    }

    fn duplicate(&mut self, call: &Call) {
        let duplicates = call.name != "fcntl" || call.argument(1).starts_with("F_DUPFD");
        if let (true, Some(result)) = (duplicates, call.result) {
            match self.descriptors().get(&descriptor(call, 0)).copied() {
                Some(position) => self.descriptors().insert(result, position),
                None => self.descriptors().remove(&result),
            };
        }
    }

    fn seek(&mut self, call: &Call) {
        let position = self.descriptors().get(&descriptor(call, 0)).copied();
        if let (Some(index), Some(offset)) = (position, call.result) {
            self.positions[index].offset = offset.try_into().unwrap_or(0);
        }
    }

    fn write(&mut self, call: &Call) -> Result<(), String> {
        let Some(path) = self.file(call) else { return Ok(()) };
        if call.is_cut(1) {
            return Err(format!("{path} was written in larger pieces than strace shows"));
        }
        let mut data = call.bytes(1);
        let written = usize::try_from(call.result.unwrap_or(0)).unwrap_or(0);
        data.truncate(written);
        if data.len() < written {
            return Err(format!("{written} bytes were written to {path}, {} shown", data.len()));
        }
        let offset = self.offset(call, written as u64)?;
        self.push(Operation::Write { path, offset, data });
        Ok(())
    }

    /// Where a write goes, and moves on; `None` is the end.
    fn offset(&mut self, call: &Call, written: u64) -> Result<Option<u64>, String> {
        if call.name.starts_with("pwrite") {
            let offset = call.number(3).and_then(|offset| u64::try_from(offset).ok());
            return offset.map(Some).ok_or_else(|| "a write without its offset".to_owned());
        }
        let index = self.descriptors().get(&descriptor(call, 0)).copied();
        let position = &mut self.positions[index.ok_or("a write to a file never opened")?];
        let offset = position.offset;
        position.offset += written;
        Ok((!position.append).then_some(offset))
    }

    fn mapping(&self, call: &Call) -> Result<(), String> {
        let writes = call.has_flag(2, "PROT_WRITE") && call.has_flag(3, "MAP_SHARED");
        match target(call.argument(4)) {
            Target::Path(path) if writes && !path.ends_with("-shm") => match self.ours(&path) {
                Some(path) => Err(format!("{path} was mapped for writing")),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn on_file(&mut self, call: &Call, operation: impl FnOnce(String) -> Operation) {
        let operation = self.file(call).map(operation);
        self.trace.operations.extend(operation);
    }

    /// The file behind the first argument, if it is ours and has a name.
    pub(super) fn file(&self, call: &Call) -> Option<String> {
        match target(call.argument(0)) {
            Target::Path(path) => self.ours(&path),
            _ => None,
        }
    }

    /// The path at `index`, relative to the descriptor at `base`, if it is ours.
    pub(super) fn path(&self, call: &Call, base: Option<usize>, index: usize) -> Option<String> {
        let path = quoted(call.argument(index));
        match base.map(|base| target(call.argument(base))) {
            Some(Target::Path(base)) if !path.starts_with('/') => {
                self.ours(&format!("{base}/{path}"))
            }
            _ => self.ours(&path),
        }
    }

    /// The path below the home, in its shortest form; but for the copies of workspaces in which programs run: every start
    /// sweeps what is there, so nobody relies on any of it.
    pub(super) fn ours(&self, path: &str) -> Option<String> {
        let rest = path.strip_prefix(&self.home)?;
        if !rest.is_empty() && !rest.starts_with('/') {
            return None;
        }
        let parts = rest.split('/').filter(|part| !part.is_empty() && *part != ".");
        let path = parts.collect::<Vec<_>>().join("/");
        (!is_a_copy(&path)).then_some(path)
    }

    fn push(&mut self, operation: Operation) {
        self.trace.operations.push(operation);
    }
}

/// Whether a path of the home leads to where programs run.
pub(crate) fn is_a_copy(path: &str) -> bool {
    let mut copies = ["workspaces/.commands", "workspaces/.agents"].into_iter();
    copies.any(|copy| {
        path.strip_prefix(copy).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn descriptor(call: &Call, index: usize) -> i64 {
    call.number(index).unwrap_or(-1)
}

pub(super) fn is_to_a_socket(call: &Call) -> bool {
    let writes = matches!(call.name.as_str(), "write" | "writev" | "sendto" | "sendmsg");
    writes && target(call.argument(0)) == Target::Socket
}

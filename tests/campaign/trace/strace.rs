//! Running a program under strace.

use std::path::Path;
use std::process::{Command, Stdio};

use super::operation::Trace;
use super::reader;

/// All calls that can change a file, a name, or what someone knows.
const CALLS: &str = "trace=clone,clone3,fork,vfork,open,openat,openat2,creat,write,writev,pwrite64,pwritev,pwritev2,\
    sendto,sendmsg,fsync,fdatasync,sync,syncfs,sync_file_range,rename,renameat,renameat2,unlink,\
    unlinkat,rmdir,mkdir,mkdirat,chmod,fchmod,fchmodat,link,linkat,symlink,symlinkat,truncate,ftruncate,fallocate,close,\
    pivot_root,dup,dup2,dup3,fcntl,lseek,mmap,copy_file_range,sendfile,splice";

/// Whether strace is there and may trace; if not, says so.
pub(crate) fn is_permitted() -> bool {
    let mut command = Command::new("strace");
    command.args(["-f", "--seccomp-bpf", "-o", "/dev/null", "true"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let permitted = status.is_ok_and(|status| status.success());
    if !permitted {
        eprintln!("skipped: needs strace (install: apt-get install strace)");
    }
    permitted
}

/// `command` under strace, which writes to `output` and ends with the program and all that it has started.
pub(crate) fn traced(command: &Command, output: &Path) -> Command {
    let calls = ["-y", "-xx", "-s", "4194304", "-e", "signal=none", "-e", CALLS];
    under_strace(command, &calls, output)
}

/// `command` under strace with these options: the same program in the same place, with nothing else in its environment.
pub(crate) fn under_strace(command: &Command, options: &[&str], output: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf"]).args(options).arg("-o").arg(output);
    strace.arg(command.get_program()).args(command.get_args());
    strace.env_clear();
    strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        strace.current_dir(folder);
    }
    strace
}

/// What strace wrote to `output` about the files of `home`.
pub(crate) fn read_trace(output: &Path, home: &Path) -> Trace {
    let text = std::fs::read_to_string(output).unwrap();
    let home = home.canonicalize().unwrap();
    reader::read(&text, home.to_str().unwrap()).unwrap_or_else(|error| panic!("{error}"))
}

//! [`SmallDisk`]: a file system that can be filled without harm to anybody.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system of its own, for as long as this lives.
#[derive(Debug)]
pub(crate) struct SmallDisk {
    pub(crate) at: PathBuf,
}

impl SmallDisk {
    /// `None`: this user may not mount.
    pub(crate) fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=96m,mode=700", "none"]).arg(at).output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self { at: at.to_owned() })
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }

    /// Writes until there is no room for another byte, and gives so many back.
    pub(crate) fn fill_but(&self, left: u64) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).unwrap();
        for size in [1 << 20, 4_096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
        let length = filler.metadata().unwrap().len();
        filler.set_len(length - left).unwrap();
    }

    /// Takes away what filled it.
    pub(crate) fn make_room(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What is left of it goes with the machine.
        let _ = Command::new("umount").arg("-l").arg(&self.at).output();
    }
}

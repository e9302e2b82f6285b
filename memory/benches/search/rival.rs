//! FAISS, in a process of its own that answers round by round.

use crate::world::{DIMENSION, World};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// `flat.py` with the same vectors.
pub(crate) struct Faiss {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Faiss {
    /// None, if there is no Python that has it.
    pub(crate) fn start(world: &World, folder: &Path) -> Option<Self> {
        let python =
            std::env::var("CALLBOARD_TEST_FAISS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let has = Command::new(&python).args(["-c", "import faiss, numpy"]).output();
        has.ok().filter(|output| output.status.success())?;
        write(&folder.join("rows"), &world.rows);
        write(&folder.join("queries"), &world.queries);
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/search/flat.py"))
            .args([folder.as_os_str(), DIMENSION.to_string().as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let from = BufReader::new(from);
        Some(Self { child, to, from })
    }

    /// How many milliseconds it searched for a query, and what it found.
    pub(crate) fn search(&mut self, query: usize, share: u32) -> (f64, Vec<String>) {
        writeln!(self.to, "{query} {share}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Faiss {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(path: &Path, rows: &[Vec<f32>]) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    for value in rows.iter().flatten() {
        file.write_all(&value.to_le_bytes()).unwrap();
    }
    file.flush().unwrap();
}

//! Where settings come from, gathered before any of them is read, so that loading depends on nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::error::{Error, Place};
use super::layers::DEFAULT_FILE;

/// What [`Settings::load`](super::Settings::load) reads, and nothing beside it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The settings file, which then has to exist; without one, `config/callboard.toml` is read where it exists.
    pub config: Option<PathBuf>,
    /// The variables of the environment. Flags stand among them under their own names, see [`Sources::flag`].
    pub env: BTreeMap<String, String>,
    /// The working directory: relative paths start here.
    pub directory: PathBuf,
}

impl Sources {
    /// Gathers the sources of this program: its working directory, the `.env` there, its environment over that.
    ///
    /// # Errors
    /// [`Error::Nowhere`] without a working directory, [`Error::Unreadable`] or [`Error::Wrong`] for a bad `.env`.
    pub fn of_this_program(config: Option<PathBuf>) -> Result<Self, Error> {
        let directory = std::env::current_dir().map_err(|source| Error::Nowhere { source })?;
        let mut env = read_dotenv(&directory.join(".env"))?;
        env.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        Ok(Self { config, env, directory })
    }

    /// The home, as far as it can be told where other settings are wrong: whoever looks for a server that runs
    /// needs no more.
    pub fn home(&self) -> PathBuf {
        let said = ["--home", "CALLBOARD_HOME"].into_iter().filter_map(|name| self.env.get(name));
        let said = said.filter(|text| !text.is_empty()).map(PathBuf::from).next();
        let home = said.or_else(|| self.written_home()).unwrap_or_else(|| ".callboard".into());
        self.directory.join(home).components().collect()
    }

    /// The home that the settings file names, if that much of it can be read.
    fn written_home(&self) -> Option<PathBuf> {
        let file = self.config.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
        let text = std::fs::read_to_string(self.directory.join(file)).ok()?;
        let (table, _wrong) = DeTable::parse_recoverable(&text);
        Some(PathBuf::from(table.get_ref().get("home")?.get_ref().as_str()?))
    }

    /// Sets what a flag of the command line says, over all else. `name` is `--home` or `--listen`; an error about
    /// the value will name the flag.
    pub fn flag(&mut self, name: &str, value: impl Into<String>) {
        self.env.insert(name.to_owned(), value.into());
    }
}

/// The variables of a `.env` file; none where there is no such file.
pub(super) fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    match dotenvy::from_path_iter(path) {
        Ok(lines) => lines.collect::<Result<_, _>>().map_err(|error| refuse(path, error)),
        Err(error) if error.not_found() => Ok(BTreeMap::new()),
        Err(error) => Err(refuse(path, error)),
    }
}

/// Names the line without repeating it: a `.env` is where secrets live.
fn refuse(path: &Path, error: dotenvy::Error) -> Error {
    match error {
        dotenvy::Error::Io(source) => Error::Unreadable { path: path.to_owned(), source },
        dotenvy::Error::LineParse(text, offset) => Error::Wrong {
            place: place_of_line(path, &text, offset),
            message: "this is no line of the form NAME=value".to_owned(),
            hint: Some("put values with spaces in quotes".to_owned()),
        },
        _ => Error::Wrong {
            place: Place::Variable(path.display().to_string()),
            message: "cannot be parsed".to_owned(),
            hint: None,
        },
    }
}

/// Where the line stands that could not be parsed.
fn place_of_line(path: &Path, text: &str, offset: usize) -> Place {
    let content = std::fs::read_to_string(path).unwrap_or_default();
    let line =
        content.lines().position(|line| line.trim() == text.trim()).map_or(1, |index| index + 1);
    Place::File { path: path.to_owned(), line, column: offset + 1 }
}

//! A store, and how it is opened and pinned to a model.

use super::Options;
use super::held::Held;
use crate::database::spaces::{self, Role, Space};
use crate::database::{Database, Fault};
use crate::error::Result;
use crate::model::Pinned;
use rusqlite::Connection;
use std::path::Path;

/// Items on disk, and what is held of them in memory.
#[derive(Debug)]
pub struct Store {
    pub(crate) database: Database,
    pub(super) options: Options,
    pub(super) serving: Option<Space>,
    pub(super) growing: Option<Space>,
    /// Loaded when it is first needed; forgotten when in doubt.
    pub(super) held: Option<Held>,
    /// Items up to this number wait for no vector of the space that is being filled.
    pub(super) embedded_up_to: i64,
}

impl Store {
    /// Opens the memory in a folder (made with mode 0700, if it is not there), with default limits.
    ///
    /// `model` is what new vectors are made by; without one, whatever the store is pinned to stays. The
    /// first pins the store. Another one later begins a second set of vectors beside the first, which
    /// serves until [`Store::reembed_step`], or [`Store::embedded`], has filled the second.
    ///
    /// # Errors
    /// [`Error::InUse`](crate::Error::InUse) while anybody else has it open, `Newer`, `Damaged`, `Full`, `Io`.
    pub fn open(folder: &Path, model: Option<&Pinned>) -> Result<Self> {
        Self::open_with(folder, model, Options::default())
    }

    /// The same, with limits.
    pub fn open_with(folder: &Path, model: Option<&Pinned>, options: Options) -> Result<Self> {
        let database = Database::open(folder)?;
        let mut store =
            Self { database, options, serving: None, growing: None, held: None, embedded_up_to: 0 };
        if let Some(pinned) = model {
            store.pin(pinned)?;
        }
        store.look_up_spaces()?;
        Ok(store)
    }

    /// Makes a model the one that new vectors are made by. What was being filled for yet another one is retired.
    pub fn pin(&mut self, pinned: &Pinned) -> Result<()> {
        pinned.check()?;
        self.database.write(|transaction| pin(transaction, pinned))?;
        self.look_up_spaces()
    }

    /// The model whose vectors are searched: queries have to be embedded by it.
    pub fn serving(&self) -> Option<&Pinned> {
        self.serving.as_ref().map(|space| &space.pinned)
    }

    /// The model that is to serve next, while its vectors are not complete.
    pub fn growing(&self) -> Option<&Pinned> {
        self.growing.as_ref().map(|space| &space.pinned)
    }

    /// The space of a model, if it is one of the two. The same model may have vectors of two lengths: then it is
    /// the one of this length.
    pub(super) fn space_of(&self, model: &str, dimension: usize) -> Option<&Space> {
        let spaces = [&self.serving, &self.growing].into_iter().flatten();
        let mut of_model = spaces.filter(|space| space.pinned.model == model);
        let of_length = of_model.clone().find(|space| space.pinned.dimension == dimension);
        of_length.or_else(|| of_model.next_back())
    }

    /// The number of the space that is searched; no space has the number 0.
    pub(crate) fn serving_space(&self) -> i64 {
        self.serving.as_ref().map_or(0, |space| space.number)
    }

    /// The space that is being filled: the growing one, else the one that serves.
    pub(super) fn filled(&self) -> Option<&Space> {
        self.growing.as_ref().or(self.serving.as_ref())
    }

    pub(super) fn look_up_spaces(&mut self) -> Result<()> {
        let (serving, growing) = self.database.read(|connection| {
            let with_role = |role| spaces::with_role(connection, role);
            Ok((with_role(Role::Serving)?, with_role(Role::Growing)?))
        })?;
        if self.serving != serving {
            self.held = None;
        }
        self.embedded_up_to = 0;
        (self.serving, self.growing) = (serving, growing);
        Ok(())
    }

    /// What is held, loaded if it is not.
    pub(super) fn hold(&mut self) -> Result<&mut Held> {
        if self.held.is_none() || self.database.is_doubtful() {
            self.held = None;
            let fresh = Held::load(&mut self.database, self.serving.as_ref(), self.options)?;
            return Ok(self.held.insert(fresh));
        }
        Ok(self.held.as_mut().expect("it was just looked at"))
    }
}

/// What a model is to be, by what there is already.
fn pin(connection: &Connection, pinned: &Pinned) -> Result<(), Fault> {
    let growing = spaces::with_role(connection, Role::Growing)?;
    let Some(serving) = spaces::with_role(connection, Role::Serving)? else {
        return Ok(spaces::insert(connection, pinned, Role::Serving)?);
    };
    if growing.as_ref().is_some_and(|space| space.pinned == *pinned) {
        return Ok(());
    }
    if let Some(other) = growing {
        spaces::set_role(connection, other.number, Role::Retired)?;
    }
    if serving.pinned != *pinned {
        spaces::insert(connection, pinned, Role::Growing)?;
    }
    Ok(())
}

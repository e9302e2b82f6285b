//! How the settings are loaded: all layers into one document, resolved, and checked as a whole.

use std::path::Path;

use toml::{Table, Value};

use super::error::Error;
use super::layers::Layers;
use super::mcp::{Mcp, McpReach};
use super::resolved::Settings;
use super::runtimes::{Runtime, RuntimeKind};
use super::secret::{Secret, Secrets};
use super::sources::Sources;
use super::stored::Stored;
use super::validation;

impl Settings {
    /// Loads and checks the settings. Reads the settings file, and nothing else that is not in `sources`.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a file that was named and cannot be read, [`Error::Wrong`] for the first wrong
    /// setting, with its place.
    pub fn load(sources: &Sources) -> Result<Self, Error> {
        let layers = Layers::read(sources, Stored::new())?;
        Self::from_layers(&layers, &sources.directory)
    }

    /// The settings that these layers come to, checked.
    pub(super) fn from_layers(layers: &Layers, directory: &Path) -> Result<Self, Error> {
        let document = layers.merge()?;
        let settings = Self::resolve(document, directory).map(|mut settings| {
            settings.runtimes.retain(|name, _| !layers.lacks_runtime(name));
            settings
        });
        let checked = settings.and_then(|settings| validation::check(&settings).map(|()| settings));
        checked.map_err(|problem| {
            let place = layers.place(&problem.path);
            problem.at(place)
        })
    }

    /// The settings as they would be written, secrets in plain text: not to be shown.
    pub(super) fn written(&self) -> Table {
        let mut table = Table::try_from(self).expect("settings can be written");
        for (name, runtime) in &self.runtimes {
            let written = table["runtimes"].get_mut(name).and_then(Value::as_table_mut);
            if let Some(written) = written {
                complete(written, runtime);
            }
        }
        for (name, server) in &self.mcp {
            let written = table["mcp"].get_mut(name).and_then(Value::as_table_mut);
            if let Some(written) = written {
                complete_server(written, server);
            }
        }
        table
    }
}

/// A runtime as it would be written: with its secrets, and without what its kind has no choice in.
fn complete(written: &mut Table, runtime: &Runtime) {
    if let Some(key) = runtime.kind.api_key().map(Secret::expose) {
        written.insert("api_key".to_owned(), Value::String(key.to_owned()));
    }
    if matches!(runtime.kind, RuntimeKind::Perplexity(_)) {
        written.remove("api");
    }
    let set_env = match &runtime.kind {
        RuntimeKind::Claude(claude) => &claude.set_env,
        RuntimeKind::Cli(cli) => &cli.set_env,
        _ => return,
    };
    written.insert("set_env".to_owned(), plain(set_env));
    written.remove("in_process");
}

/// The same for an MCP server.
fn complete_server(written: &mut Table, server: &Mcp) {
    let (field, secrets) = match &server.reach {
        McpReach::Program { env, .. } => ("env", env),
        McpReach::Address { headers, .. } => ("headers", headers),
    };
    written.insert(field.to_owned(), plain(secrets));
}

fn plain(secrets: &Secrets) -> Value {
    let plain = secrets.expose().map(|(name, text)| (name, Value::String(text)));
    Value::Table(plain.collect())
}

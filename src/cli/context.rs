//! [`Context`]: what every command knows: the settings, the server that was named, how to print.

use super::args::Arguments;
use super::client::Client;
use super::failure::Failure;
use super::{Exit, locate};
use crate::settings::{Secret, Settings, Sources};

/// Where a server is, as the user said it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Its URL; `None`: the one that runs in the home.
    pub(super) url: Option<String>,
    /// Its token; `None`: the one in the home.
    pub(super) token: Option<Secret>,
}

/// What every command knows.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// Where settings come from.
    pub(super) sources: Sources,
    /// All settings.
    pub(super) settings: Settings,
    /// The server that was named.
    pub(super) named: Named,
    /// Whether scripts read what is printed.
    pub(super) is_json: bool,
}

impl Context {
    /// Loads the settings, with `.env` and the flags over them.
    pub(super) fn load(arguments: &Arguments) -> Result<Self, Failure> {
        let wrong = |error| Failure::new(Exit::Usage, error);
        let global = &arguments.global;
        let mut sources = Sources::of_this_program(global.config.clone()).map_err(wrong)?;
        global.tell(&mut sources);
        if let super::args::Command::Serve(serve) = &arguments.command {
            serve.tell(&mut sources);
        }
        let set = |name: &str| sources.env.get(name).filter(|text| !text.is_empty()).cloned();
        let named = Named {
            url: global.url.clone().or_else(|| set("CALLBOARD_URL")),
            token: global.token.clone().or_else(|| set("CALLBOARD_TOKEN").map(Secret::new)),
        };
        let is_level_set = set("LOG_LEVEL").or(set("CALLBOARD_LOG__LEVEL")).is_some();
        let mut settings = Settings::load(&sources).map_err(wrong)?;
        if !is_level_set && !matches!(arguments.command, super::args::Command::Serve(_)) {
            // Between the lines of an answer only what matters may be logged.
            "warn".clone_into(&mut settings.log.level);
        }
        Ok(Self { sources, settings, named, is_json: global.json })
    }

    /// A client of the server.
    ///
    /// # Errors
    /// [`Exit::Unreachable`] where none runs.
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        let client = locate::find(self).await?;
        client.ok_or_else(|| self.no_server())
    }

    pub(super) fn no_server(&self) -> Failure {
        let home = self.settings.home.display();
        let text = format!("no server runs on {home}: start one with `callboard serve`");
        Failure::new(Exit::Unreachable, text)
    }
}

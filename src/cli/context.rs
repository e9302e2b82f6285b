//! [`Context`]: what every command knows: the settings, the server that was named, how to print.

use super::Exit;
use super::args::Arguments;
use super::client::Client;
use super::failure::Failure;
use super::locate::{self, Named};
use crate::settings::{Secret, Settings, Sources};

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
    /// The flags that said where things are, for commands that are to be copied.
    pub(super) flags: Vec<String>,
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
        let (is_json, flags) = (global.json, global.flags());
        Ok(Self { sources, settings, named, is_json, flags })
    }

    /// A client of the server.
    ///
    /// # Errors
    /// [`Exit::Unreachable`] where none runs.
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        self.find_server().await?.ok_or_else(|| self.no_server())
    }

    /// A client of the server, if one runs.
    pub(super) async fn find_server(&self) -> Result<Option<Client>, Failure> {
        locate::find(&self.settings.home, &self.named).await
    }

    pub(super) fn no_server(&self) -> Failure {
        let home = self.settings.home.display();
        let text = format!("no server runs on {home}: start one with `callboard serve`");
        Failure::new(Exit::Unreachable, text)
    }
}

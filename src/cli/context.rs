//! [`Context`]: what every command knows: the settings, the server that was named, how to print.

use super::Exit;
use super::args::Arguments;
use super::client::Client;
use super::failure::Failure;
use super::locate::{self, Named};
use crate::settings::{Secret, Settings, Sources};
use std::path::PathBuf;

/// What every command knows.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// Where settings come from.
    pub(super) sources: Sources,
    /// All settings, or what is wrong with them: whoever finds a server can do without.
    settings: Result<Settings, Failure>,
    /// The folder that holds everything.
    pub(super) home: PathBuf,
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
        let mut settings = Settings::load(&sources).map_err(wrong);
        let is_quiet =
            !is_level_set && !matches!(arguments.command, super::args::Command::Serve(_));
        if let Some(settings) = settings.as_mut().ok().filter(|_| is_quiet) {
            // Between the lines of an answer only what matters may be logged.
            "warn".clone_into(&mut settings.log.level);
        }
        let home =
            settings.as_ref().map_or_else(|_| sources.home(), |settings| settings.home.clone());
        let (is_json, flags) = (global.json, global.flags());
        Ok(Self { sources, settings, home, named, is_json, flags })
    }

    /// All settings.
    ///
    /// # Errors
    /// [`Exit::Usage`] where they are wrong.
    pub(super) fn settings(&self) -> Result<&Settings, Failure> {
        self.settings.as_ref().map_err(Clone::clone)
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
        locate::find(&self.home, &self.named).await
    }

    /// Settings that are wrong may be the reason why none is found: they are told first.
    pub(super) fn no_server(&self) -> Failure {
        if let Err(wrong) = self.settings() {
            return wrong;
        }
        let home = self.home.display();
        let text = format!("no server runs on {home}: start one with `callboard serve`");
        Failure::new(Exit::Unreachable, text)
    }
}

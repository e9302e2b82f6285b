//! The `callboard` binary.

use callboard::settings::{Settings, Sources};
use callboard::{startup, telemetry};

fn main() -> anyhow::Result<()> {
    let sources = Sources::of_this_program(None)?;
    let settings = Settings::load(&sources)?;
    telemetry::start(&settings.log)?;
    startup::serve(&settings, |info| tracing::info!(?info, "serving"))?;
    Ok(())
}

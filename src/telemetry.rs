//! Structured logs on stderr: pretty for people, one JSON object a line for machines.
//!
//! Correlation ids are fields of the spans in which events happen; every line carries those of its span. Secrets
//! are masked by their type (`settings::Secret`) before they can get here. Stdout is left to the command line.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::{Log, LogFormat};

/// Libraries that tell of every worker and connection at `info`, or of every client's (or MCP server's) garbage at `error`. Whoever
/// names one of them in the level hears it.
const QUIET: &str = "actix_server=warn,actix_http=off,actix_web=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,mio=warn,h2=warn,rmcp=off";

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The level is no filter.
    #[error(
        "failed to read the log level `{level}`: {source}; write it like info,callboard_actors=debug"
    )]
    Level {
        /// What was set.
        level: String,
        /// What the parser said.
        source: tracing_subscriber::filter::ParseError,
    },
    /// This program logs already.
    #[error("failed to start logging: {0}; start it once only")]
    AlreadyStarted(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts logging to stderr for the whole program. Call it once, first.
///
/// # Errors
/// [`Error::Level`] for a level that is none, [`Error::AlreadyStarted`] the second time.
pub fn start(log: &Log) -> Result<(), Error> {
    let terminal = std::io::stderr().is_terminal();
    let (subscriber, filter) = subscriber(log, terminal, || Forgiving(io::stderr()))?;
    subscriber.try_init()?;
    // Only the first gets here.
    let _ = FILTER.set(filter);
    Ok(())
}

/// Keeps warnings, errors and panics in this file for the whole program, which has no stderr that anybody reads.
/// The file is made with the first of them, for its owner alone; where it cannot be written to, they are lost.
pub fn keep(file: PathBuf) {
    let log = Log { level: "warn".into(), format: LogFormat::Pretty };
    let started = subscriber(&log, false, move || Forgiving(Kept(file.clone())))
        .and_then(|(subscriber, _)| Ok(subscriber.try_init()?));
    // Nobody could be told.
    let _ = started;
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
}

/// A log that is lost where it cannot be written (its file lies on a disk that is full, its reader has gone) and fails
/// nobody: the library would complain of that on stderr, and panics where that cannot be written to either.
struct Forgiving<W>(W);

impl<W: io::Write> io::Write for Forgiving<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.0.write(bytes).unwrap_or(bytes.len()))
    }

    /// What is cut short is lost: nothing comes back to be written once more.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let _lost = self.0.write_all(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _lost = self.0.flush();
        Ok(())
    }
}

/// A file that is opened for each line: there are few.
struct Kept(PathBuf);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        File::options().create(true).append(true).mode(0o600).open(&self.0)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Puts another filter in place of the one that this program logs by.
type Refilter = Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>;

/// How the filter of this program's log is replaced, once it logs.
static FILTER: OnceLock<Refilter> = OnceLock::new();

/// Logs by another level from now on; nothing happens where nothing is logged.
///
/// # Errors
/// [`Error::Level`] for a level that is none.
pub fn change_level(level: &str) -> Result<(), Error> {
    let filter = filter(level)?;
    if let Some(refilter) = FILTER.get()
        && let Err(error) = refilter(filter)
    {
        tracing::warn!(%error, "failed to change the log level");
    }
    Ok(())
}

/// What writes the events that pass the filter, in the format asked for.
fn subscriber<W>(
    log: &Log,
    terminal: bool,
    writer: W,
) -> Result<(Box<dyn Subscriber + Send + Sync>, Refilter), Error>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder =
        tracing_subscriber::fmt().with_writer(writer).with_env_filter(filter(&log.level)?);
    // The handle is of the type that everything before it has come to, so it is made last.
    Ok(if is_pretty(log.format, terminal) {
        let builder = builder.with_ansi(terminal).with_filter_reloading();
        let handle = builder.reload_handle();
        (Box::new(builder.finish()), Box::new(move |filter| handle.reload(filter)))
    } else {
        let builder = builder.json().flatten_event(true).with_span_list(false);
        let builder = builder.with_filter_reloading();
        let handle = builder.reload_handle();
        (Box::new(builder.finish()), Box::new(move |filter| handle.reload(filter)))
    })
}

/// The level that was set, over our quieting of libraries.
fn filter(level: &str) -> Result<EnvFilter, Error> {
    let refuse = |source| Error::Level { level: level.to_owned(), source };
    EnvFilter::builder().parse(format!("{QUIET},{level}")).map_err(refuse)
}

fn is_pretty(format: LogFormat, terminal: bool) -> bool {
    match format {
        LogFormat::Auto => terminal,
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Lines kept in memory.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written for two events, one of ours in a span and one of a noisy library.
    fn written(level: &str, format: LogFormat, terminal: bool) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = Log { level: level.into(), format };
        let (subscriber, _) = subscriber(&log, terminal, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("request", correlation_id = "c-1")
                .in_scope(|| tracing::info!(position = 7, "committed"));
            tracing::info!(target: "actix_server::worker", "starting worker");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn json_lines_carry_the_fields_of_the_event_and_the_ids_of_its_span() {
        let text = written("info", LogFormat::Auto, false);
        let line: serde_json::Value =
            serde_json::from_str(text.trim()).expect("one JSON object and no noise");
        assert_eq!((&line["message"], &line["position"]), (&"committed".into(), &7.into()));
        assert_eq!(line["span"]["correlation_id"], "c-1");
    }

    #[test]
    fn on_a_terminal_lines_are_pretty_and_elsewhere_without_colours() {
        assert!(written("info", LogFormat::Auto, true).contains("\u{1b}["));
        let plain = written("info", LogFormat::Pretty, false);
        assert!(plain.contains("committed") && !plain.contains('\u{1b}'), "{plain}");
    }

    #[test]
    fn a_library_that_is_named_in_the_level_is_heard() {
        assert!(!written("info", LogFormat::Json, false).contains("starting worker"));
        assert!(
            written("info,actix_server=info", LogFormat::Json, false).contains("starting worker")
        );
        assert_eq!(written("error", LogFormat::Json, false), "");
    }

    #[test]
    fn a_file_comes_into_being_with_the_first_warning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shim.log");
        let file = path.clone();
        let log = Log { level: "warn".into(), format: LogFormat::Pretty };
        let (subscriber, _) = subscriber(&log, false, move || Kept(file.clone())).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("nothing worth knowing");
            assert!(!path.exists());
            tracing::warn!("something is amiss");
            tracing::error!("something is wrong");
        });
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].contains("amiss") && lines[1].contains("wrong") && lines.len() == 2,
            "{text}"
        );
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_level_that_is_no_filter_is_refused() {
        assert!(matches!(filter("info,[x"), Err(Error::Level { .. })));
    }
}

//! `serve`: the server, until it is told to stop.

use callboard_actors::supervision;

use super::Exit;
use super::args::Serve;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::{Out, remark};
use super::spawn::failure;
use crate::startup::{self, Children, ServerInfo};
use crate::telemetry;

pub(super) fn run(context: &Context, serve: &Serve, out: &mut Out) -> Outcome {
    let log = &context.settings()?.log;
    telemetry::start(log).map_err(|error| Failure::new(Exit::Usage, error))?;
    let announce = |info: &ServerInfo| {
        // Whoever closed our stdout has not asked us to stop.
        let _ = if context.is_json {
            out.json_line(info)
        } else {
            let home = context.home.display();
            out.line(format!("callboard serves http://{} on {home}", info.address))
        };
    };
    let children = if serve.stop_children { Children::Stop } else { Children::GoOn };
    match startup::serve(&context.sources, children, announce) {
        Ok(supervision::Exit::Normal) => Ok(Exit::Done),
        Ok(exit) => {
            remark(format!("callboard: the tree of actors {exit}"));
            Ok(Exit::Failed)
        }
        Err(error) => Err(failure(&error)),
    }
}

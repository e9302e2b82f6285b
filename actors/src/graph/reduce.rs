//! The state of a run: how it begins, and what is written to it.

use super::definition::{Channel, Definition};
use super::schema::check_value;
use super::scope::Trouble;
use super::step::Write;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The channels before anything is written to them.
pub fn initial(definition: &Definition) -> Map<String, Value> {
    let channels = definition.state.iter();
    channels.map(|(name, channel)| (name.clone(), first(channel))).collect()
}

fn first(channel: &Channel) -> Value {
    channel.default.clone().unwrap_or_else(|| channel.reducer.empty())
}

/// Brings writes to the state, in their order, and then looks whether each channel that was written holds what its
/// schema wants. Where this fails the state is half written: throw it away.
pub fn reduce(
    definition: &Definition,
    state: &mut Map<String, Value>,
    writes: &[Write],
) -> Result<(), Trouble> {
    for write in writes {
        let channel = channel(definition, &write.channel)?;
        let held = state.entry(write.channel.as_str()).or_insert_with(|| first(channel));
        channel.reducer.write(held, &write.value).map_err(|what| at(&write.channel, what))?;
    }
    let written: BTreeSet<&String> = writes.iter().map(|write| &write.channel).collect();
    for name in written {
        let schema = &channel(definition, name)?.schema;
        let check = |schema: &Value| check_value(schema, &state[name]);
        schema.as_ref().map_or(Ok(()), check).map_err(|what| at(name, what))?;
    }
    Ok(())
}

fn channel<'a>(definition: &'a Definition, name: &str) -> Result<&'a Channel, Trouble> {
    definition.state.get(name).ok_or_else(|| at(name, "there is no such channel".into()))
}

fn at(channel: &str, what: String) -> Trouble {
    Trouble { place: format!("state.{channel}"), what }
}

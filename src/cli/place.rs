//! Where the API has what is named on the command line.

use callboard_actors::vocabulary::Name;

use super::Exit;
use super::client::segment;
use super::failure::Failure;

/// A process. What cannot be an id names nothing.
pub(super) fn process(id: &str) -> Result<String, Failure> {
    let name: Result<Name, _> = id.parse();
    let name = name.map_err(|error| Failure::new(Exit::NotFound, error))?;
    Ok(format!("/processes/{}", segment(name.as_str())))
}

/// An actor, by its path in the tree.
pub(super) fn actor(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.fold("/actors".to_owned(), |place, part| format!("{place}/{}", segment(part)))
}

/// An actor that takes orders.
pub(super) fn ordered(path: &str) -> Result<String, Failure> {
    let place = actor(path);
    if place == "/actors" {
        let text = "the root takes no orders: name an actor below it, as `callboard tree` shows it";
        return Err(Failure::new(Exit::Refused, text));
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_takes_no_orders() {
        for path in ["/", "", "//"] {
            assert_eq!(ordered(path).unwrap_err().exit, Exit::Refused);
        }
        assert_eq!(ordered("/processes/a b/").unwrap(), "/actors/processes/a%20b");
    }

    #[test]
    fn an_actor_is_asked_for_below_the_actors() {
        assert_eq!(actor("/"), "/actors");
        assert_eq!(actor("services/scheduler"), "/actors/services/scheduler");
    }

    #[test]
    fn what_cannot_be_an_id_names_nothing() {
        for id in ["..", "a/b", ""] {
            assert_eq!(process(id).unwrap_err().exit, Exit::NotFound, "{id}");
        }
    }
}

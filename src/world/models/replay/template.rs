//! [`Template`]: an answer with places that are filled in with parts of the prompt.
//!
//! In the language of prompt templates, minijinja. What it reads are the names of the item's `prompt_begins`, `model`,
//! and `results`, what calls of tools came to (each with `id`, `name`, `content`, `is_error`); that it reads nothing else
//! is looked at when the script is read.

use std::collections::{BTreeMap, HashSet};

use callboard_actors::graph::check_template;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value};
use serde::{Deserialize, Serialize};

use crate::world::models::call::Call;

/// An answer to be filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Template(String);

impl Template {
    /// What every template may read.
    pub(super) const ALWAYS: [&str; 2] = ["model", "results"];

    /// What it reads.
    pub(super) fn names(&self) -> HashSet<String> {
        let environment = environment();
        let template = environment.template_from_str(&self.0);
        template.map(|template| template.undeclared_variables(false)).unwrap_or_default()
    }

    /// Fills it in. The error is one of running it, such as a text that is no number.
    pub(super) fn fill(
        &self,
        names: &BTreeMap<String, String>,
        call: &Call,
    ) -> Result<String, String> {
        let names = names.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str())));
        let results = Value::from(Serde(&call.results));
        let always = [("model", Value::from(call.model.as_str())), ("results", results)];
        let values = Value::from_pairs(names.chain(always));
        environment().render_str(&self.0, values).map_err(|error| words(&error))
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        check_template(&text)?;
        environment().template_from_str(&text).map_err(|error| words(&error))?;
        Ok(Self(text))
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.0
    }
}

/// Without the name that the template does not have.
fn words(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(1_000_000));
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_actors::tools::ToolResult;

    fn template(text: &str) -> Template {
        Template::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn names_are_filled_in_as_text_and_as_json() {
        let names = BTreeMap::from([("topic".to_owned(), "\"Ä\" & <b>".to_owned())]);
        let result = ToolResult {
            id: "1".into(),
            name: "read".into(),
            content: serde_json::json!({ "items": ["tea"] }),
            is_error: false,
        };
        let call = Call { model: "opus".into(), results: vec![result], ..Call::default() };
        let fill = |text| template(text).fill(&names, &call).unwrap();
        assert_eq!(fill("{{ results[0].name }} {{ results[0].content['items'][0] }}"), "read tea");
        assert_eq!(fill("{{ model }}: {{ topic }}"), "opus: \"Ä\" & <b>");
        let json: serde_json::Value =
            serde_json::from_str(&fill("[{{ topic | tojson }}]")).unwrap();
        assert_eq!(json[0], names["topic"]);
    }

    #[test]
    fn what_it_reads_is_known_and_what_is_none_is_refused() {
        let read = template("{% for x in a.b %}{{ x ~ model }}{% endfor %}").names();
        assert_eq!(read, HashSet::from(["a".to_owned(), "model".to_owned()]));
        assert!(Template::try_from("{{ a".to_owned()).is_err());
    }
}

//! A program's arguments as templates.

use minijinja::{Environment, UndefinedBehavior, Value};

/// Arguments that are templates, checked.
#[derive(Debug, Clone)]
pub(super) struct Arguments(Vec<String>);

impl Arguments {
    /// Fails with the first that is no template.
    pub(super) fn new(args: Vec<String>) -> Result<Self, String> {
        let environment = environment();
        for arg in &args {
            environment
                .template_from_str(arg)
                .map_err(|error| format!("the argument {arg:?} is no template: {error}"))?;
        }
        Ok(Self(args))
    }

    /// Whether one of them uses one of these names.
    pub(super) fn mention(&self, names: &[&str]) -> bool {
        let environment = environment();
        self.0.iter().any(|arg| {
            let used =
                environment.template_from_str(arg).map(|arg| arg.undeclared_variables(false));
            used.is_ok_and(|used| names.iter().any(|name| used.contains(*name)))
        })
    }

    /// The arguments over these values, without those that render to nothing.
    pub(super) fn render(&self, values: &Value) -> Result<Vec<String>, String> {
        let environment = environment();
        let mut rendered = Vec::new();
        for arg in &self.0 {
            let text = environment
                .render_str(arg, values)
                .map_err(|error| format!("the argument {arg:?} cannot be filled in: {error}"))?;
            if !text.is_empty() {
                rendered.push(text);
            }
        }
        Ok(rendered)
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // A name that is misspelt would silently leave an argument out.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn render(args: &[&str], values: &Value) -> Result<Vec<String>, String> {
        Arguments::new(args.iter().map(|arg| (*arg).to_owned()).collect())?.render(values)
    }

    #[test]
    fn arguments_are_filled_in_as_they_stand_and_empty_ones_left_out() {
        let values = context! { prompt => "a <b> 'c'\n", session_id => "" };
        let args =
            ["run", "{% if session_id %}--resume{% endif %}", "{{ session_id }}", "{{ prompt }}"];
        assert_eq!(render(&args, &values).unwrap(), ["run", "a <b> 'c'\n"]);
    }

    #[test]
    fn a_name_is_used_also_where_it_is_only_asked_for() {
        let mention =
            |arg: &str| Arguments::new(vec![arg.to_owned()]).unwrap().mention(&["system"]);
        assert!(mention("-s{{ system }}") && mention("{% if system %}x{% endif %}"));
        assert!(!mention("system") && !mention("{{ system_file }}"));
    }

    #[test]
    fn what_is_misspelt_is_named() {
        let error = render(&["{{ promt }}"], &context! { prompt => "x" }).unwrap_err();
        assert!(error.contains("promt"), "{error}");
        assert!(render(&["{% if %}"], &context! {}).unwrap_err().contains("no template"));
    }
}

//! Finds names in texts: where a path stands, and which filters and tests are called. Only what stands in braces
//! counts in a template, and nothing in quotes does.

use super::inspect::Form;

/// Where a dotted path is read first.
pub(super) fn find(text: &str, path: &str, form: Form) -> Option<usize> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let code = code(text, form);
    let mut places = code.match_indices(path).map(|(at, _)| at);
    places.find(|at| {
        let before = code[..*at].chars().next_back();
        let behind = code[at + path.len()..].chars().next();
        !before.is_some_and(|c| is_name(c) || c == '.') && !behind.is_some_and(is_name)
    })
}

/// The filters and tests that are called: name, `filter` or `test`, place.
pub(super) fn calls(text: &str, form: Form) -> Vec<(String, &'static str, usize)> {
    let code = code(text, form);
    let filters = code.match_indices('|').filter_map(|(at, _)| word(&code, at + 1, "filter"));
    let tests = code.match_indices(" is ").filter_map(|(at, _)| {
        let at = at + " is ".len();
        let rest = code[at..].trim_start();
        let at = code.len() - rest.len();
        word(&code, rest.strip_prefix("not ").map_or(at, |rest| code.len() - rest.len()), "test")
    });
    filters.chain(tests).collect()
}

/// The dotted paths that the code reads, and some that it does not: names of filters, and of what a loop gives.
pub(super) fn paths(text: &str, form: Form) -> Vec<String> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let code = code(text, form);
    let words = code.split(|c| !is_path(c));
    let words =
        words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
    words.map(ToOwned::to_owned).collect()
}

fn word(code: &str, at: usize, what: &'static str) -> Option<(String, &'static str, usize)> {
    let rest = code[at..].trim_start();
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    (end > 0).then(|| (rest[..end].to_owned(), what, code.len() - rest.len()))
}

/// The text with blanks in place of all that is not code, byte by byte.
fn code(text: &str, form: Form) -> String {
    let mut is_code = form == Form::Expression;
    let (mut quote, mut out, mut rest) = (None, String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        let shown = is_code && quote.is_none() && !matches!(c, '"' | '\'') && c.is_ascii();
        if form == Form::Template && quote.is_none() {
            let opens = !is_code && (rest.starts_with("{{") || rest.starts_with("{%"));
            let closes = is_code && (rest.starts_with("}}") || rest.starts_with("%}"));
            is_code = (is_code || opens) && !closes;
        }
        if is_code {
            match quote {
                Some(_) if c == '\\' => {
                    length += rest[length..].chars().next().map_or(0, char::len_utf8);
                }
                Some(open) if open == c => quote = None,
                None if matches!(c, '"' | '\'') => quote = Some(c),
                _ => {}
            }
        }
        if shown {
            out.push(c);
        } else {
            out.extend(std::iter::repeat_n(' ', length));
        }
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_counts() {
        let text =
            "state.x | trim is 'a | b' {{ 'it is odd' ~ \"\\\"\" ~ state.x | upper }} é | no";
        assert_eq!(find(text, "state.x", Form::Template), text.rfind("state.x"));
        let names: Vec<_> = calls(text, Form::Template).into_iter().map(|call| call.0).collect();
        assert_eq!(names, ["upper"]);
        let calls = calls("a is not defined and b|default('x') is number", Form::Expression);
        let calls: Vec<_> = calls.iter().map(|(name, what, _)| (name.as_str(), *what)).collect();
        assert_eq!(calls, [("default", "filter"), ("defined", "test"), ("number", "test")]);
        let paths =
            paths("{{ 'a.b' ~ state.list[1:input.n] }} c.d {% if x|length %}", Form::Template);
        assert_eq!(paths, ["state.list", "input.n", "if", "x", "length"]);
        assert_eq!(find("restate.x + state.xy + state.x", "state.x", Form::Expression), Some(23));
    }
}

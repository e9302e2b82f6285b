//! [`Code`]: finds names in texts: where a path stands, and which filters and tests are called. Only what stands in
//! braces counts in a template, and nothing in quotes does.

use super::form::Form;

/// So many operators a text may have. Whoever compiles one, or lets it go, goes as deep as its longest chain
/// (`1 + 1 + …`), and the stack has an end.
const MOST_OPERATORS: usize = 1_000;

/// A text with blanks in place of all that is not code, byte by byte.
#[derive(Debug)]
pub(super) struct Code(String);

impl Code {
    pub(super) fn of(text: &str, form: Form) -> Self {
        Self(code(text, form))
    }

    /// Where a dotted path is read first.
    pub(super) fn find(&self, path: &str) -> Option<usize> {
        let Self(code) = self;
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let mut places = code.match_indices(path).map(|(at, _)| at);
        places.find(|at| {
            let before = code[..*at].chars().next_back();
            let behind = code[at + path.len()..].chars().next();
            !before.is_some_and(|c| is_name(c) || c == '.') && !behind.is_some_and(is_name)
        })
    }

    /// Where it has more operators than a text may have.
    pub(super) fn too_long(&self) -> Option<usize> {
        let Self(code) = self;
        let is_operator = |c: char| "+-*/%~|.[(<>=!".contains(c);
        let signs = code.char_indices().filter(|(_, c)| is_operator(*c)).map(|(at, _)| at);
        let words = ["and", "or", "not", "in", "is", "if", "else", "elif", "for"];
        let words = words.iter().flat_map(|word| code.match_indices(word)).map(|(at, _)| at);
        let mut places: Vec<_> = signs.chain(words).collect();
        places.sort_unstable();
        places.get(MOST_OPERATORS).copied()
    }

    /// Where another template would be taken in.
    pub(super) fn door(&self) -> Option<(&'static str, usize)> {
        let Self(code) = self;
        let mut tags = code.match_indices('%').map(|(at, _)| at + 1);
        let begin = |at: usize| {
            let rest = code[at..].trim_start_matches(['-', '+']).trim_start();
            let doors = ["include", "import", "extends", "from"];
            let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
            let door = doors.into_iter().find(|door| *door == word)?;
            Some((door, code.len() - rest.len()))
        };
        tags.find_map(begin)
    }

    /// The filters, tests and methods that are called: name, `filter`, `test` or `method`, place.
    pub(super) fn calls(&self) -> Vec<(String, &'static str, usize)> {
        let Self(code) = self;
        let filters = code.match_indices('|').filter_map(|(at, _)| word(code, at + 1, "filter"));
        let tests = code.match_indices(" is ").filter_map(|(at, _)| {
            let at = at + " is ".len();
            let rest = code[at..].trim_start();
            let at = code.len() - rest.len();
            word(code, rest.strip_prefix("not ").map_or(at, |rest| code.len() - rest.len()), "test")
        });
        let methods = code.match_indices('.').filter_map(|(at, _)| {
            // Only what the language gives itself has some.
            let is_own = ["loop", "self"].iter().any(|own| code[..at].ends_with(own));
            let (name, what, place) = word(code, at + 1, "method")?;
            let is_called = code[place + name.len()..].starts_with('(');
            (is_called && !is_own).then_some((name, what, place))
        });
        filters.chain(tests).chain(methods).collect()
    }

    /// The dotted paths that are read, and some that are not: names of filters, and of what a loop gives.
    pub(super) fn paths(&self) -> Vec<String> {
        let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let words = self.0.split(|c| !is_path(c));
        let words =
            words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
        words.map(ToOwned::to_owned).collect()
    }
}

fn word(code: &str, at: usize, what: &'static str) -> Option<(String, &'static str, usize)> {
    let rest = code[at..].trim_start();
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    (end > 0).then(|| (rest[..end].to_owned(), what, code.len() - rest.len()))
}

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
        let code = Code::of(text, Form::Template);
        assert_eq!(code.find("state.x"), text.rfind("state.x"));
        let names: Vec<_> = code.calls().into_iter().map(|call| call.0).collect();
        assert_eq!(names, ["upper"]);
        let text = "a is not defined and b|default('x') is number";
        let calls = Code::of(text, Form::Expression).calls();
        let calls: Vec<_> = calls.iter().map(|(name, what, _)| (name.as_str(), *what)).collect();
        assert_eq!(calls, [("default", "filter"), ("defined", "test"), ("number", "test")]);
        let text = "{{ 'a.b' ~ state.list[1:input.n] }} c.d {% if x|length %}";
        let paths = Code::of(text, Form::Template).paths();
        assert_eq!(paths, ["state.list", "input.n", "if", "x", "length"]);
        for (text, door) in [
            ("a {% include 'x' %}", Some(("include", 5))),
            ("{%- from 'x' import y %}", Some(("from", 4))),
            ("include {{ 'import' }} {% if x %}{% endif %} 7 % from", None),
        ] {
            assert_eq!(Code::of(text, Form::Template).door(), door, "{text}");
        }
        let chain = format!("1{}", " + 1".repeat(MOST_OPERATORS));
        assert_eq!(Code::of(&chain, Form::Expression).too_long(), None);
        let chain = format!("{chain} + 1");
        assert_eq!(Code::of(&chain, Form::Expression).too_long(), Some(4_002));
        let code = Code::of("restate.x + state.xy + state.x", Form::Expression);
        assert_eq!(code.find("state.x"), Some(23));
    }
}

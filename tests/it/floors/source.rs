//! Finds the imports of a source file: a small reader of Rust that knows comments, texts and test modules.
//!
//! It reads paths wherever they stand, not only in `use`. It does not expand macros or follow renamed crates.

/// Words at which a path into a crate begins.
const ROOTS: [&str; 6] =
    ["crate", "super", "callboard_actors", "callboard_code", "callboard_memory", "callboard"];

/// A path that leads to another module.
#[derive(Debug)]
pub(super) struct Import {
    /// The line it stands on, from 1.
    pub(super) line: usize,
    /// What it begins with; `super` that climbs to the top counts as `crate`.
    pub(super) root: String,
    /// The module at the top of its crate that it leads to.
    pub(super) target: String,
    /// As it is shown in messages.
    pub(super) text: String,
}

/// The path of the module that a file is, below its crate: `journal/store.rs` is `[journal, store]`.
pub(super) fn module_path(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').map(str::to_owned).collect()
}

/// All imports of a text that stands in `module`, tests apart.
pub(super) fn imports(text: &str, module: &[String]) -> Vec<Import> {
    let code = without_tests(&without_comments_and_texts(text));
    let mut found = Vec::new();
    let mut end_of_last = 0;
    for (offset, root) in roots(&code) {
        if offset < end_of_last {
            continue; // A `super` behind another one was read together with it.
        }
        let line = code[..offset].matches('\n').count() + 1;
        let (targets, end) = targets(&code, offset, root, module);
        end_of_last = end;
        let root = if root == "super" { "crate" } else { root };
        found.extend(targets.into_iter().map(|target| Import {
            line,
            root: root.to_owned(),
            text: format!("{root}::{target}"),
            target,
        }));
    }
    found
}

/// The modules that paths beginning with `super` lead to, tests apart, as far as their first name.
pub(super) fn climbs(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let code = without_tests(&without_comments_and_texts(text));
    let mut found = Vec::new();
    let mut end_of_last = 0;
    for (offset, _) in roots(&code).into_iter().filter(|(_, root)| *root == "super") {
        if offset < end_of_last {
            continue; // A `super` behind another one was read together with it.
        }
        let mut rest = after_step(&code[offset + "super".len()..]);
        let mut depth = module.len().saturating_sub(1);
        while let Some(further) = rest.strip_prefix("super").and_then(step) {
            rest = further;
            depth = depth.saturating_sub(1);
        }
        end_of_last = code.len() - rest.len();
        let below = |name| [&module[..depth], &[name]].concat();
        found.extend(first_names(rest).into_iter().map(below));
    }
    found
}

/// Where paths begin.
fn roots(code: &str) -> Vec<(usize, &'static str)> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    for root in ROOTS {
        let places = code.match_indices(root).filter(|(offset, _)| {
            let before = code[..*offset].chars().next_back();
            let is_start = !before.is_some_and(|letter| is_word(letter) || letter == ':');
            is_start && step(&code[offset + root.len()..]).is_some()
        });
        found.extend(places.map(|(offset, _)| (offset, root)));
    }
    found.sort_unstable();
    found
}

/// The modules at the top of the crate that the path at `offset` leads to, and where its beginning ends.
fn targets(code: &str, offset: usize, root: &str, module: &[String]) -> (Vec<String>, usize) {
    let mut rest = after_step(&code[offset + root.len()..]);
    let mut depth = module.len();
    if root == "super" {
        depth = depth.saturating_sub(1);
        while let Some(further) = rest.strip_prefix("super").and_then(step) {
            rest = further;
            depth = depth.saturating_sub(1);
        }
    }
    let end = code.len() - rest.len();
    let stays_inside = root == "super" && depth > 0;
    (if stays_inside { Vec::new() } else { first_names(rest) }, end)
}

/// What follows `::`, if that is what comes next.
fn step(code: &str) -> Option<&str> {
    code.trim_start().strip_prefix("::").map(str::trim_start)
}

fn after_step(code: &str) -> &str {
    step(code).expect("a root is only taken where `::` follows")
}

/// The first name of a path, or of each path in a group.
fn first_names(code: &str) -> Vec<String> {
    match code.strip_prefix('{') {
        None => first_name(code).into_iter().collect(),
        Some(group) => split_group(group).into_iter().filter_map(first_name).collect(),
    }
}

fn first_name(code: &str) -> Option<String> {
    let code = code.trim_start();
    if code.starts_with('*') {
        return Some("*".to_owned());
    }
    let name: String = code.chars().take_while(|letter| is_word(*letter)).collect();
    (!name.is_empty() && name != "self").then_some(name)
}

/// The members of a group, up to its closing brace; groups inside stay whole.
fn split_group(code: &str) -> Vec<&str> {
    let (mut depth, mut start, mut members) = (0, 0, Vec::new());
    for (offset, letter) in code.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(&code[start..offset]);
                return members;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(&code[start..offset]);
                start = offset + 1;
            }
            _ => {}
        }
    }
    members
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The same text with comments and texts blanked, so that offsets and lines stay.
fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = opaque_length(rest, code.chars().next_back());
        if length == 0 {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        } else {
            code.extend(
                rest[..length].chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }),
            );
            rest = &rest[length..];
        }
    }
    code
}

/// How many bytes from here are a comment, a text or a character; 0 where code stands.
fn opaque_length(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if rest.starts_with('"') {
        return text_length(rest);
    }
    if rest.starts_with('r') && !before.is_some_and(|letter| is_word(letter) && letter != 'b') {
        return raw_text_length(rest);
    }
    if rest.starts_with('\'') { character_length(rest) } else { 0 }
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut offset) = (0_usize, 0);
    while offset < rest.len() {
        let here = &rest.as_bytes()[offset..];
        match here {
            [b'/', b'*', ..] => (depth, offset) = (depth + 1, offset + 2),
            [b'*', b'/', ..] => (depth, offset) = (depth - 1, offset + 2),
            _ => offset += 1,
        }
        if depth == 0 {
            return offset;
        }
    }
    rest.len()
}

fn text_length(rest: &str) -> usize {
    let mut is_escaped = false;
    for (offset, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return offset + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"` with any number of `#`; 0 where it is none.
fn raw_text_length(rest: &str) -> usize {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    let opening = 1 + hashes;
    if !rest[opening..].starts_with('"') {
        return 0;
    }
    let closing = format!("\"{}", "#".repeat(hashes));
    rest[opening + 1..].find(&closing).map_or(rest.len(), |end| opening + 1 + end + closing.len())
}

/// A character in quotes; 0 where the quote begins a lifetime.
fn character_length(rest: &str) -> usize {
    let inner = &rest[1..];
    if let Some(escaped) = inner.strip_prefix('\\') {
        let skipped = escaped.chars().next().map_or(0, char::len_utf8);
        return escaped[skipped..].find('\'').map_or(0, |end| 2 + skipped + end + 1);
    }
    let length = inner.chars().next().map_or(0, char::len_utf8);
    if inner[length..].starts_with('\'') { length + 2 } else { 0 }
}

/// The same code with every item behind `#[cfg(test)]` blanked.
fn without_tests(code: &str) -> String {
    let mut result = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find("#[cfg(test)]") {
        let length = item_length(&rest[start..]);
        result.push_str(&rest[..start]);
        result.extend(
            rest[start..start + length]
                .chars()
                .map(|letter| if letter == '\n' { '\n' } else { ' ' }),
        );
        rest = &rest[start + length..];
    }
    result + rest
}

/// How long an item is: to its semicolon, or to the end of its braces.
fn item_length(code: &str) -> usize {
    let mut depth = 0;
    for (offset, letter) in code.char_indices() {
        match letter {
            ';' if depth == 0 => return offset + 1,
            '{' => depth += 1,
            '}' if depth == 1 => {
                let is_group = code[offset + 1..].trim_start().starts_with(';');
                return if is_group {
                    offset + code[offset..].find(';').unwrap_or(0) + 1
                } else {
                    offset + 1
                };
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

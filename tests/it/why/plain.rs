//! What differs from run to run, made plain: ids, moments, spans, positions, ports and paths.

/// Texts that stand for others, the longest first.
#[derive(Default)]
pub(super) struct Plain(Vec<(String, String)>);

impl Plain {
    /// From now on `text` is called `name`.
    pub(super) fn name(&mut self, text: &str, name: &str) {
        self.0.push((text.to_owned(), format!("<{name}>")));
        self.0.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    }

    /// The text without what differs.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (found, name) in &self.0 {
            text = text.replace(found, name);
        }
        // Shorter positions are padded: how long they are differs, too.
        while text.contains(" >  ") {
            text = text.replace(" >  ", " > ");
        }
        let lines = text.lines().map(|line| columns(&words(line)));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Word by word: positions, moments, process numbers, ids; then spans, which are several words.
fn words(line: &str) -> String {
    let words: Vec<_> = line.split(' ').map(word).collect();
    let mut plain: Vec<String> = Vec::new();
    let mut rest = words.as_slice();
    while let [first, more @ ..] = rest {
        let is_pid = plain.last().is_some_and(|last| last.ends_with("process")) && is_number(first);
        rest = more;
        if plain.last().is_some_and(|last| last == "\"position\":") {
            plain.push("<n>".to_owned());
            continue;
        }
        match more {
            [unit, after @ ..] if is_number(first) && is_unit(unit) => {
                let end: String = unit.chars().skip(1).collect();
                match plain.last_mut() {
                    Some(last) if last == "<span>" => *last = format!("<span>{end}"),
                    _ => plain.push(format!("<span>{end}")),
                }
                rest = after;
            }
            _ if is_pid => plain.push(with_tail(first, "<pid>")),
            _ => plain.push(first.clone()),
        }
    }
    plain.join(" ").replace("<day> <time>", "<time>")
}

/// One word, with the marks around it.
fn word(word: &str) -> String {
    let is_mark = |letter: char| "()[]\",;:'".contains(letter);
    let body = word.trim_matches(is_mark);
    let plain = if body.strip_prefix('#').is_some_and(is_number) {
        "#<n>"
    } else if body.len() == 24 && body.ends_with('Z') && shape(body).starts_with("0-0-0T0:0:0") {
        "<moment>"
    } else if shape(body) == "0:0:0" {
        "<time>"
    } else if body.len() == 10 && shape(body) == "0-0-0" {
        "<day>"
    } else if body.len() == 36 && uuid::Uuid::parse_str(body).is_ok() {
        "<uuid>"
    } else {
        return word.to_owned();
    };
    word.replacen(body, plain, 1)
}

/// The text with every run of digits as one 0.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' if shape.ends_with('0') => {}
            '0'..='9' => shape.push('0'),
            other => shape.push(other),
        }
    }
    shape
}

fn with_tail(word: &str, plain: &str) -> String {
    let tail: String = word.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    format!("{plain}{tail}")
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_end_matches([';', ',', ')', ':', '"']);
    !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
}

fn is_unit(word: &str) -> bool {
    matches!(word.trim_end_matches(['.', ',', ';', ':', ')', '"']), "s" | "m" | "h" | "d")
}

/// Columns are as wide as what stands in them, which differs: two spaces between them.
fn columns(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let cells = line.trim_start().split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    format!("{}{}", " ".repeat(indent), cells.collect::<Vec<_>>().join("  "))
}

#[test]
fn only_what_differs_is_made_plain() {
    let mut plain = Plain::default();
    plain.name("0192", "A");
    let text = "  03:12:44   3 m 20 s ago  #12  process 0192 runs in process 77; in 4.0 s, #x 12 + 3 tokens";
    let expected = "  <time>  <span> ago  #<n>  process <A> runs in process <pid>; in <span>, #x 12 + 3 tokens";
    assert_eq!(plain.text(text), expected);
    assert_eq!(plain.text("\"at\": \"2026-11-21T07:00:00.123Z\","), "\"at\": \"<moment>\",");
    assert_eq!(plain.text("at 2026-11-21 07:00:00, in 1 h 2 m (x)"), "at <time>, in <span> (x)");
}

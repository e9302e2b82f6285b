//! HTML becomes Markdown: by `htmd`, after the page was parsed once to look at it.
//!
//! `htmd` goes down into the page by recursion, and a page may be as deep as somebody likes. So its depth is measured first,
//! without recursion, and what is too deep becomes plain text; and the work is done on a stack of its own. A page's
//! own text is preferred to what stands around it: `main`, or `article`, if there is one.

use callboard_actors::tools::ToolError;
use htmd::HtmlToMarkdown;
use html5ever::serialize::{SerializeOpts, TraversalScope};
use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom, SerializableHandle};
use reqwest::Url;
use std::time::{Duration, Instant};

/// How deep a page may be to be converted.
const DEEPEST: usize = 1_000;
/// Enough for that depth in a build without optimisation; only what is used of it is ever taken.
const STACK_BYTES: usize = 128 << 20;
/// How long a page is read: with some pages the time grows with the square of their length.
const TIME: Duration = Duration::from_secs(5);
/// So much is read between two looks at the clock.
const PIECE_BYTES: usize = 1_024;
const LEFT: &str = "the page takes too long to read, and the rest was left";
/// What is no part of the text.
const SKIPPED: [&str; 10] =
    ["script", "style", "noscript", "template", "svg", "iframe", "nav", "footer", "button", "head"];

/// A page as text.
#[derive(Debug)]
pub(super) struct Converted {
    pub(super) title: Option<String>,
    pub(super) text: String,
    /// What was not done as it should be.
    pub(super) notes: Vec<&'static str>,
}

/// The Markdown of a page; its links lead where they led on it. Blocks.
///
/// # Errors
/// If the conversion comes to a bad end.
pub(super) fn markdown(html: &str, base: &Url) -> Result<Converted, ToolError> {
    let (html, base) = (html.to_owned(), base.clone());
    let failed = |what: String| ToolError::new(format!("failed to convert the page: {what}"));
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let thread = thread.spawn(move || converted(&html, &base, TIME));
    let done = thread.map_err(|error| failed(error.to_string()))?.join();
    done.unwrap_or_else(|_| Err("its reader panicked".to_owned())).map_err(failed)
}

fn converted(html: &str, base: &Url, time: Duration) -> Result<Converted, String> {
    let (dom, is_cut) = parsed(html, time);
    let seen = look(&dom.document, base);
    let from = seen.main.unwrap_or_else(|| dom.document.clone());
    let (text, is_plain) = if seen.depth > DEEPEST {
        (plain(&from), true)
    } else {
        let converter = HtmlToMarkdown::builder().skip_tags(SKIPPED.to_vec()).build();
        (converter.convert(&written(&from)?).map_err(|error| error.to_string())?, false)
    };
    let mut notes = Vec::new();
    if is_plain {
        notes.push("the page is too deep for Markdown: this is its plain text");
    }
    if is_cut {
        notes.push(LEFT);
    }
    Ok(Converted { title: seen.title, text, notes })
}

/// A page, as far as it could be read in time, and whether that was not all of it.
fn parsed(html: &str, time: Duration) -> (RcDom, bool) {
    let begun = Instant::now();
    let mut parser = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default());
    let mut rest = html;
    while !rest.is_empty() && begun.elapsed() < time {
        let (piece, behind) = rest.split_at(rest.ceil_char_boundary(PIECE_BYTES));
        parser.process(piece.into());
        rest = behind;
    }
    (parser.finish(), !rest.is_empty())
}

/// What a walk through a page finds.
#[derive(Default)]
struct Seen {
    depth: usize,
    title: Option<String>,
    main: Option<Handle>,
}

/// Walks through a page once: how deep is it, where is its text? Its links are made whole on the way.
fn look(document: &Handle, base: &Url) -> Seen {
    let (mut seen, mut open) = (Seen::default(), vec![(document.clone(), 0)]);
    let mut is_sure = false;
    while let Some((node, depth)) = open.pop() {
        seen.depth = seen.depth.max(depth);
        if let NodeData::Element { name, attrs, .. } = &node.data {
            match name.local.as_ref() {
                "title" if seen.title.is_none() => {
                    seen.title = Some(plain(&node)).filter(|title| !title.is_empty());
                }
                "main" if !is_sure => (seen.main, is_sure) = (Some(node.clone()), true),
                "article" if seen.main.is_none() => seen.main = Some(node.clone()),
                _ => {}
            }
            for attribute in &mut *attrs.borrow_mut() {
                if matches!(attribute.name.local.as_ref(), "href" | "src")
                    && let Ok(whole) = base.join(&attribute.value)
                {
                    attribute.value = whole.as_str().into();
                }
            }
        }
        open.extend(node.children.borrow().iter().rev().map(|child| (child.clone(), depth + 1)));
    }
    seen
}

/// A part of a page as HTML.
fn written(node: &Handle) -> Result<String, String> {
    let is_whole = matches!(node.data, NodeData::Document);
    let scope =
        if is_whole { TraversalScope::ChildrenOnly(None) } else { TraversalScope::IncludeNode };
    let options = SerializeOpts { traversal_scope: scope, ..SerializeOpts::default() };
    let mut html = Vec::new();
    let node = SerializableHandle::from(node.clone());
    html5ever::serialize(&mut html, &node, options).map_err(|error| error.to_string())?;
    String::from_utf8(html).map_err(|error| error.to_string())
}

/// The words of a part of a page.
fn plain(node: &Handle) -> String {
    let (mut words, mut open) = (Vec::new(), vec![node.clone()]);
    while let Some(node) = open.pop() {
        match &node.data {
            NodeData::Text { contents } => {
                words.extend(contents.borrow().split_whitespace().map(str::to_owned));
            }
            NodeData::Element { name, .. } if is_skipped(name.local.as_ref()) => continue,
            _ => {}
        }
        open.extend(node.children.borrow().iter().rev().cloned());
    }
    words.join(" ")
}

fn is_skipped(name: &str) -> bool {
    SKIPPED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Converted {
        markdown(html, &"https://a.example/docs/guide.html".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_page_becomes_its_own_text_with_links_that_lead_on() {
        let page = read(
            "<html><head><title> The  guide </title><script>x</script></head><body><nav>Home</nav><main><h1>Start</h1>\
             <p>See <a href='../api#f'>the <code>api</code></a>.</p><pre><code class='language-rust'>let x = 1;\n</code></pre>\
             <ul><li>one<li>two</ul></main><footer>(c)</footer>",
        );
        assert_eq!(page.title.as_deref(), Some("The guide"));
        let expected = "# Start\n\nSee [the `api`](https://a.example/api#f).\n\n```rust\nlet x = 1;\n```\n\n*   one\n*   two";
        assert_eq!((page.text.as_str(), page.notes.len()), (expected, 0));
    }

    #[test]
    fn a_page_without_a_main_part_is_read_whole() {
        let page = read("<h1>A</h1><p>b</p><script>alert(1)</script><style>p{}</style>");
        assert_eq!(page.text, "# A\n\nb");
    }

    #[test]
    fn a_page_as_deep_as_somebody_likes_becomes_plain_text() {
        for tag in ["div", "ul", "span"] {
            let page = read(&format!("<p>before</p>{}deep", format!("<{tag}>").repeat(3_000)));
            assert_eq!((page.text.as_str(), page.notes.len()), ("before deep", 1), "{tag}");
        }
    }

    #[test]
    fn a_page_that_takes_too_long_is_read_as_far_as_the_time_goes() {
        let endless = format!("<p>before</p>{}", "<b><p>".repeat(100_000));
        let base = "https://a.example/".parse().unwrap();
        let begun = Instant::now();
        let page = converted(&endless, &base, Duration::from_millis(100)).unwrap();
        assert!(page.text.contains("before") && page.notes.contains(&LEFT), "{:?}", page.notes);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_page_that_is_just_not_too_deep_fits_on_the_stack() {
        let page = read(&format!("{}deep", "<blockquote>".repeat(DEEPEST - 10)));
        assert!(page.text.ends_with("deep") && page.notes.is_empty());
    }
}

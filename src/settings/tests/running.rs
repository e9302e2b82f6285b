//! Settings that are made while a server runs.

use super::kit::{api_key, folder_with, load, sources};
use super::*;

fn stored(settings: &[(&str, &str)]) -> Stored {
    let read = |(name, text): &(&str, &str)| {
        let key = Key::parse(name).unwrap();
        let setting = Setting::from_text(&key, text).unwrap();
        (key, setting)
    };
    settings.iter().map(read).collect()
}

#[test]
fn what_is_set_while_running_goes_over_the_file_and_under_the_environment() {
    let folder = folder_with(
        "[processes]\ndefault_model = \"file\"\nmax_retries = 1\n[http]\nmax_body_bytes = 1",
    );
    let env = [("CALLBOARD_PROCESSES__MAX_RETRIES", "3")];
    let mut sources = sources(folder.path(), &env);
    sources.flag("--listen", "127.0.0.1:3");
    let kept = [
        ("processes.default_model", "stored"),
        ("processes.max_retries", "2"),
        ("http.listen", "127.0.0.1:2"),
    ];
    let loaded = Origin::from(&sources).load(stored(&kept)).unwrap();
    let of = |name: &str| {
        let entry = loaded.find(&Key::parse(name).unwrap()).unwrap();
        (entry.value.to_string(), entry.source)
    };
    assert_eq!(of("processes.default_model"), ("\"stored\"".into(), Source::Stored));
    let variable = "CALLBOARD_PROCESSES__MAX_RETRIES".to_owned();
    assert_eq!(of("processes.max_retries"), ("3".into(), Source::Environment(variable)));
    assert_eq!(of("http.listen"), ("\"127.0.0.1:3\"".into(), Source::Flag("--listen".into())));
    assert_eq!(of("http.max_body_bytes"), ("1".into(), Source::File));
    assert_eq!(of("processes.max_lost"), ("20".into(), Source::Default));
    let key = |name| Key::parse(name).unwrap();
    assert_eq!(loaded.overridden_by(&key("http.listen")), Some("--listen"));
    assert_eq!(loaded.overridden_by(&key("processes.default_model")), None);
}

#[test]
fn what_changed_is_found_also_in_secrets_that_look_alike() {
    let origin = Origin::from(&load("", &[]).unwrap());
    let load = |key: &str| origin.load(stored(&[("runtimes.anthropic.api_key", key)])).unwrap();
    let (one, other) = (load("sk-ant-one-long-key-1234"), load("sk-ant-two-long-key-1234"));
    assert_eq!(one.changes(&one), []);
    let changes = one.changes(&other);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].key.to_string(), "runtimes.anthropic.api_key");
    assert_eq!((&changes[0].old, &changes[0].new), (&"••••1234".into(), &"••••1234".into()));
}

#[test]
fn stored_settings_that_do_not_fit_are_left_out_one_by_one() {
    let folder = folder_with("");
    let origin = Origin::from(&sources(folder.path(), &[]));
    let kept = [
        ("processes.default_runtime", "gone"),
        ("processes.max_retries", "7"),
        ("runtimes.half.concurrency", "2"),
    ];
    let (loaded, unfit) = origin.load_what_fits(&stored(&kept)).unwrap();
    assert_eq!(loaded.settings.processes.max_retries, 7);
    assert_eq!((loaded.stored().len(), unfit.len()), (1, 2), "{unfit:?}");
}

#[test]
fn settings_that_a_program_made_come_back_as_they_were_with_their_secrets() {
    let text = "[models.prices]\n\"a.b\" = { input = 1, output = 2 }\n[runtimes.codex]\nkind = \"cli\"
        command = \"codex\"\nset_env = { A = \"hush\" }\nsession = { pointer = \"/a\" }\n[runtimes.cc]\nkind = \"claude\"\napi_key = \"own-key\"";
    let mut made = load(text, &[("ANTHROPIC_API_KEY", "hush-hush")]).unwrap();
    made.runtimes.remove("replay");
    made.processes.default_runtime = "codex".into();
    let back = Origin::from(&made).load(Stored::new()).unwrap();
    assert_eq!(back.settings, made);
    assert_eq!(api_key(&back.settings).as_deref(), Some("hush-hush"));
    let RuntimeKind::Claude(claude) = &back.settings.runtimes["cc"].kind else { panic!() };
    assert_eq!(claude.api_key.as_ref().map(Secret::expose), Some("own-key"));
}

#[test]
fn every_setting_that_counts_at_once_exists() {
    let live = |name: &str| TakesEffect::of(&Key::parse(name).unwrap()) == TakesEffect::Now;
    for name in
        ["processes.default_model", "runtimes.x.concurrency", "log.level", "models.prices.a"]
    {
        assert!(live(name), "{name}");
    }
    for name in ["http.listen", "journal.readers", "topic_root", "log.format", "entities.inbox"] {
        assert!(!live(name), "{name}");
    }
}

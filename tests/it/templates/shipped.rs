//! What ships, as the core knows it.

use callboard::settings::read_profiles;
use callboard::world::tools::schemas;
use callboard_actors::graph::{Abilities, Bundle, Library, Pinned, Written, bundle, read};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A workflow that ships, with all it uses.
pub(super) fn shipped(name: &str) -> Bundle {
    let library = library();
    let written = &library.definitions[name];
    bundle(written, &library).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn library() -> Library {
    let profiles = read_profiles(&folder("agents")).unwrap().into_iter().map(|(name, profile)| {
        let (system, runtime, model) = (profile.system_prompt, profile.runtime, profile.model);
        (name, Pinned { system, runtime, model, fallbacks: Vec::new() })
    });
    Library {
        definitions: definitions(),
        profiles: profiles.collect(),
        abilities: Abilities {
            tools: schemas().into_iter().map(|tool| (tool.name, tool.parameters)).collect(),
            ..Abilities::default()
        },
    }
}

fn definitions() -> BTreeMap<String, Written> {
    let files = fs::read_dir(folder("workflows")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    let written = files.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let written = read(&text, &path.display().to_string());
        let written = written.unwrap_or_else(|problems| panic!("{problems:#?}"));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), written)
    });
    written.collect()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)
}

#[test]
fn each_has_the_name_of_its_file_and_says_what_it_is_for_and_what_it_takes() {
    for (file, written) in definitions() {
        let definition = written.definition;
        assert_eq!(definition.name, file);
        assert!(definition.description.ends_with('.'), "{file}");
        assert_eq!(definition.input["additionalProperties"], false, "{file}");
        for (name, property) in definition.input["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{file}: {name}");
        }
    }
}

#[test]
fn each_agent_has_a_profile_and_a_time() {
    for (file, written) in definitions() {
        shipped(&file);
        for (name, node) in &written.definition.nodes {
            let Some(agent) = &node.agent else { continue };
            assert!(agent.profile.is_some(), "{file}: {name}");
            assert!(node.timeout.is_some(), "{file}: {name}");
        }
    }
}

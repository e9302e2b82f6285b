//! `workflows check|schema`: checks definitions without a server, and prints the schema that editors check them with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use callboard_actors::graph::{Abilities, Library, Pinned, Problem, Written, bundle, read};
use callboard_actors::vocabulary::Fallback;

use crate::cli::Exit;
use crate::cli::args::CheckWorkflows;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::{Out, remark};
use crate::settings::{AgentProfile, read_profiles};
use crate::startup::abilities;

/// The JSON Schema of definitions; a test of the core keeps it the one of the types.
const SCHEMA: &str = include_str!("../../../config/workflows/schema.json");

/// Prints the schema.
pub(in crate::cli) fn schema(out: &mut Out) -> Outcome {
    out.piece(SCHEMA)?;
    Ok(Exit::Done)
}

/// Prints every problem of the files; fails if there is any.
pub(in crate::cli) fn check(context: &Context, wanted: &CheckWorkflows, out: &mut Out) -> Outcome {
    let mut problems = BTreeSet::new();
    let mut library = Library {
        definitions: beside(&wanted.files),
        profiles: profiles(context)?,
        abilities: abilities(context.settings()?),
    };
    let mut roots = Vec::new();
    for file in &wanted.files {
        match read_file(file)? {
            Ok(written) => roots.push(written),
            Err(found) => problems.extend(found),
        }
    }
    for written in &roots {
        library.definitions.insert(written.definition.name.clone(), written.clone());
    }
    for written in &roots {
        problems.extend(bundle(written, &library).err().into_iter().flatten());
    }
    if context.is_json {
        out.json(&problems)?;
    } else {
        tell(&problems, wanted.files.len(), out)?;
        for tool in roots.iter().flat_map(|written| unlisted(written, &library.abilities)) {
            remark(format!(
                "{tool}: its MCP server has not been asked, so nobody has looked whether it is there and what it takes"
            ));
        }
    }
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Failed })
}

/// Tools of servers that a definition names, of which nobody knows here.
fn unlisted(written: &Written, abilities: &Abilities) -> BTreeSet<String> {
    let nodes = written.definition.nodes.values();
    let called = nodes.clone().filter_map(|node| node.tool.as_ref()).map(|tool| &tool.name);
    let given = nodes.filter_map(|node| node.agent.as_ref()).flat_map(|agent| &agent.tools);
    called.chain(given).filter(|name| abilities.may_have(name)).cloned().collect()
}

fn tell(problems: &BTreeSet<Problem>, files: usize, out: &mut Out) -> std::io::Result<()> {
    for problem in problems {
        out.line(problem)?;
    }
    if problems.is_empty() {
        let files = if files == 1 { "1 definition".into() } else { format!("{files} definitions") };
        out.line(format!("all is well with {files}"))?;
    }
    Ok(())
}

fn read_file(file: &Path) -> Result<Result<Written, Vec<Problem>>, Failure> {
    Ok(read(&text(file)?, &file.display().to_string()))
}

/// A definition as it is written.
pub(super) fn text(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| {
        let name = file.display();
        Failure::new(Exit::Usage, format!("failed to read the definition {name}: {error}"))
    })
}

fn profiles(context: &Context) -> Result<BTreeMap<String, Pinned>, Failure> {
    let profiles = read_profiles(&context.settings()?.agents.folder);
    let profiles = profiles.map_err(|error| Failure::new(Exit::Usage, error))?;
    Ok(profiles.into_iter().map(|(name, profile)| (name, pinned(profile))).collect())
}

fn pinned(profile: AgentProfile) -> Pinned {
    let AgentProfile { system_prompt: system, runtime, model, fallbacks, .. } = profile;
    let fallbacks = fallbacks.into_iter();
    let fallbacks = fallbacks.map(|other| Fallback { runtime: other.runtime, model: other.model });
    Pinned { system, runtime, model, fallbacks: fallbacks.collect() }
}

/// The definitions in the folders of these files, as far as they can be read: subgraphs may be among them.
fn beside(files: &[PathBuf]) -> BTreeMap<String, Written> {
    let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.parent()).collect();
    let here =
        |folder: &Path| if folder.as_os_str().is_empty() { ".".into() } else { folder.to_owned() };
    let entries =
        folders.into_iter().filter_map(|folder| fs::read_dir(here(folder)).ok()).flatten();
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let definitions = paths.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    let written = definitions.filter_map(|path| read_file(&path).ok()?.ok());
    written.map(|written| (written.definition.name.clone(), written)).collect()
}

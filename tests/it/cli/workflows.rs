//! Definitions are checked without a server, and registered with one.

use std::fs;

use super::house::House;

const RIGHT: &str = "name: right\nstart: a\nnodes: {a: {agent: {profile: coder, prompt: Hello}}}\n";

#[test]
fn a_right_definition_is_fine_and_all_that_is_wrong_with_another_is_told_at_once() {
    let house = House::new();
    let folder = house.beside("workflows");
    fs::create_dir(&folder).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let right = write("right.yaml", RIGHT);
    assert_eq!(house.text(&["workflows", "check", &right]).trim(), "all is well with 1 definition");

    let wrong = write(
        "wrong.yaml",
        "name: wrong\nstart: a\nnodes:\n  a: {subgraph: {workflow: rihgt}}\n  b: {agent: {profile: codr, prompt: Hi}}\n\
         edges: [{from: a, to: b}]\n",
    );
    let ended = house.run(&["workflows", "check", &right, &wrong]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""));
    let expected = format!(
        "{wrong}:4:28: unknown workflow `rihgt` (did you mean `right`?)\n\
         {wrong}:5:24: unknown profile `codr` (did you mean `coder`?)\n"
    );
    assert_eq!(ended.stdout, expected);

    let json: serde_json::Value =
        serde_json::from_str(&house.run(&["--json", "workflows", "check", &wrong]).stdout).unwrap();
    assert_eq!((&json[0]["line"], &json[0]["column"]), (&4.into(), &28.into()), "{json}");
    assert_eq!(house.run(&["workflows", "check", "/nowhere.yaml"]).code, Some(2));
    assert_eq!(house.run(&["workflows", "check"]).code, Some(2));
}

const COUNTS: &str =
    "name: counts\nstate: {n: {}}\noutput: {n: state.n}\nstart: a\nnodes: {a: {set: {n: 7}}}\n";

#[test]
fn a_file_is_registered_run_by_its_name_and_taken_back() {
    let house = House::new();
    let _server = house.serve();
    let file = house.beside("draft.yaml").display().to_string();
    fs::write(&file, COUNTS).unwrap();
    let ended = house.run(&["run", &file]);
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.stderr.contains(&format!("callboard workflows register {file}")), "{ended:#?}");

    assert_eq!(house.text(&["workflows", "register", &file]), "counts  registered\n");
    assert_eq!(house.text(&["run", "counts"]).lines().last(), Some("7"));
    fs::write(&file, COUNTS.replace('7', "8")).unwrap();
    assert_eq!(house.json(&["workflows", "register", &file])["name"], "counts");
    assert_eq!(house.text(&["run", "counts"]).lines().last(), Some("8"));

    let wrong = house.beside("wrong.yaml").display().to_string();
    fs::write(&wrong, COUNTS.replace("start: a", "start: b")).unwrap();
    let ended = house.run(&["workflows", "register", &wrong]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.stderr.contains("wrong.yaml:4:8: unknown node `b`"), "{ended:#?}");

    assert_eq!(house.text(&["workflows", "unregister", "counts"]), "counts  unregistered\n");
    assert_eq!(house.run(&["workflows", "unregister", "counts"]).code, Some(4));
    assert_eq!(house.run(&["run", "counts"]).code, Some(5));
}

#[test]
fn the_schema_for_editors_is_printed_as_it_is_committed() {
    let printed = House::new().text(&["workflows", "schema"]);
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/config/workflows/schema.json");
    assert_eq!(printed, fs::read_to_string(committed).unwrap());
}

//! [`written`]: definitions, as they are written, from chains of blocks.

use super::blocks::{Block, Inner};
use crate::workflows::house::Script;
use serde_json::{Map, Value, json};

/// A workflow that every `Inner::Sub` runs.
const LEAF: &str = r#"{
    "name": "leaf",
    "input": {"type": "object", "required": ["item"], "properties": {"item": {"type": "string"}}},
    "state": {"said": {}, "more": {}},
    "start": "say",
    "nodes": {
        "say": {"agent": {"prompt": "leaf {{ input.item }}"}, "write": {"said": "output"}},
        "add": {"set": {"more": "state.said ~ '!'"}}
    },
    "edges": [{"from": "say", "to": "add"}],
    "output": {"more": "state.more"}
}"#;

/// What a chain is as definitions; the first is the root.
pub(super) fn written(chain: &[Block]) -> Script {
    let mut others = vec![LEAF.to_owned()];
    let root = Building::definition("root".into(), chain, &mut others);
    // As long as the tests: a script is the same for all lives of a house.
    let others = others.into_iter().map(|text| &*text.leak()).collect::<Vec<&str>>();
    Script { root: root.leak(), others: others.leak() }
}

/// A definition in the making.
struct Building<'a> {
    name: String,
    nodes: Map<String, Value>,
    edges: Vec<Value>,
    counters: usize,
    others: &'a mut Vec<String>,
}

/// Entry and exit.
type Ends = (String, String);

impl<'a> Building<'a> {
    fn definition(name: String, chain: &[Block], others: &'a mut Vec<String>) -> String {
        let (nodes, edges, counters) = (Map::new(), Vec::new(), 0);
        let mut it = Self { name, nodes, edges, counters, others };
        let (start, _) = it.chain(chain);
        let mut state = json!({
            "seen": {"reducer": "append"}, "total": {"reducer": "sum"}, "top": {"reducer": "max"},
            "facts": {"reducer": "merge"}, "last": {"default": ""}, "said": {"reducer": "messages"},
        });
        for counter in 0..it.counters {
            state[format!("c{counter}")] = json!({"reducer": "sum"});
        }
        let (name, nodes, edges) = (it.name, it.nodes, it.edges);
        json!({
            "name": name, "state": state, "limits": {"steps": 400}, "start": start, "nodes": nodes, "edges": edges,
        })
        .to_string()
    }

    fn chain(&mut self, blocks: &[Block]) -> Ends {
        let mut ends: Option<Ends> = None;
        for block in blocks {
            let (entry, exit) = self.block(block);
            ends = Some(match ends {
                None => (entry, exit),
                Some((first, last)) => {
                    self.edge(json!({"from": last, "to": entry}));
                    (first, exit)
                }
            });
        }
        ends.unwrap_or_else(|| self.single(json!({"set": {"total": 1}})))
    }

    fn block(&mut self, block: &Block) -> Ends {
        match block {
            Block::Set(which) => self.set(*which),
            Block::Agent(which) => {
                let name = self.next();
                let write = match which {
                    0 => json!({"seen": "output", "top": "output | length"}),
                    _ => json!({"last": "output", "facts": {&name: "output"}}),
                };
                let prompt = format!("{} {name} {{{{ step }}}}", self.name);
                self.node(name, json!({"agent": {"prompt": prompt}, "write": write}))
            }
            Block::Ask => {
                let name = self.next();
                let question = format!("{} {name} at {{{{ step }}}}?", self.name);
                let write = json!({"seen": "output", "last": "output"});
                self.node(name, json!({"interrupt": {"question": question}, "write": write}))
            }
            Block::Nap => self.single(json!({"wait": {"for": "90s"}})),
            Block::Each { items, at_once, what } => self.each(*items, *at_once, *what),
            Block::Breaks { twice } => self.breaks(*twice),
            Block::Parallel(chains) => self.parallel(chains),
            Block::Choice(one, other) => self.choice(one, other),
            Block::Loop(times, body) => self.turns(*times, body),
            Block::Sub(chain) => {
                let name = format!("{}{}", self.name, self.nodes.len());
                let text = Building::definition(name.clone(), chain, self.others);
                self.others.push(text);
                let write = json!({"seen": "output.seen", "total": "output.total"});
                self.single(json!({"subgraph": {"workflow": name}, "write": write}))
            }
        }
    }

    fn set(&mut self, which: u8) -> Ends {
        let name = self.next();
        let set = match which {
            0 => json!({"total": 1, "seen": format!("'{name}'")}),
            1 => json!({"top": "step", "total": "state.total % 3"}),
            2 => json!({"facts": {&name: "state.total", "last": "step"}}),
            3 => json!({"last": format!("'{name}@' ~ state.total")}),
            _ => {
                json!({"said": {"id": "'m' ~ (state.total % 2)", "role": "'user'", "content": "state.last"}})
            }
        };
        self.node(name, json!({ "set": set }))
    }

    fn each(&mut self, items: u8, at_once: u8, what: Inner) -> Ends {
        let name = self.next();
        let list: Vec<_> = (0..items).map(|item| format!("'{name}i{item}'")).collect();
        let mut node = json!({
            "for_each": format!("[{}]", list.join(", ")),
            "concurrency": at_once,
        });
        match what {
            Inner::Set => node["set"] = json!({"seen": "item", "total": "index"}),
            Inner::Agent => {
                node["agent"] =
                    json!({"prompt": format!("{} {{{{ item }}}} {{{{ step }}}}", self.name)});
                node["write"] = json!({"seen": "output", "facts": "{item: index}"});
            }
            Inner::Sub => {
                node["subgraph"] = json!({"workflow": "leaf", "input": {"item": "item"}});
                node["write"] = json!({"seen": "output.more"});
            }
        }
        self.node(name, node)
    }

    fn breaks(&mut self, twice: bool) -> Ends {
        let (name, handler) = (self.next(), self.next());
        let (_, exit) = self.set(0);
        let mut node = json!({"agent": {"prompt": format!("broken {name}")}, "on_error": handler});
        if twice {
            node["retry"] = json!({"attempts": 2, "backoff": "1s"});
        }
        self.node(name.clone(), node);
        self.node(handler.clone(), json!({"set": {"facts": {&name: "error.error.kind"}}}));
        self.edge(json!({"from": name, "to": exit}));
        self.edge(json!({"from": handler, "to": exit}));
        (name, exit)
    }

    fn parallel(&mut self, chains: &[Vec<Block>]) -> Ends {
        let (entry, _) = self.set(0);
        let (firsts, lasts): (Vec<_>, Vec<_>) =
            chains.iter().map(|chain| self.chain(chain)).unzip();
        let (_, join) = self.set(3);
        self.edge(json!({"from": entry, "to": firsts}));
        self.edge(json!({"from": lasts, "to": join}));
        (entry, join)
    }

    fn choice(&mut self, one: &[Block], other: &[Block]) -> Ends {
        let (entry, _) = self.set(1);
        let ((one, one_end), (other, other_end)) = (self.chain(one), self.chain(other));
        let (_, exit) = self.set(2);
        self.edge(json!({"from": entry, "to": one, "when": "state.total % 2 == 0"}));
        self.edge(json!({"from": entry, "to": other, "otherwise": true}));
        self.edge(json!({"from": one_end, "to": exit}));
        self.edge(json!({"from": other_end, "to": exit}));
        (entry, exit)
    }

    fn turns(&mut self, times: u8, body: &[Block]) -> Ends {
        let counter = format!("c{}", self.counters);
        self.counters += 1;
        let (entry, last) = self.chain(body);
        let (count, _) = self.single(json!({"set": {&counter: 1}}));
        let (_, exit) = self.set(4);
        self.edge(json!({"from": last, "to": count}));
        self.edge(
            json!({"from": count, "to": entry, "when": format!("state.{counter} < {times}")}),
        );
        self.edge(json!({"from": count, "to": exit, "otherwise": true}));
        (entry, exit)
    }

    /// A name that is not taken; what was made later may come first by its name.
    fn next(&mut self) -> String {
        let number = self.nodes.len();
        self.nodes.insert(format!("n{}x{number}", number * 7 % 10), Value::Null);
        format!("n{}x{number}", number * 7 % 10)
    }

    fn single(&mut self, node: Value) -> Ends {
        let name = self.next();
        self.node(name, node)
    }

    fn node(&mut self, name: String, node: Value) -> Ends {
        self.nodes.insert(name.clone(), node);
        (name.clone(), name)
    }

    fn edge(&mut self, edge: Value) {
        self.edges.push(edge);
    }
}

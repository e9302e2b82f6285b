//! [`Memory`]: the bundles and states that work needs again and again, so that a step does not begin with reading.
//! Everything in it can be read anew.

use super::effect::Place;
use super::item::Failure;
use super::past::{Past, PastError, definition, take_in};
use super::undone::Undone;
use crate::graph::{self, Bundle, Definition, Scope};
use crate::journal::{Journal, ReadError};
use crate::nodes::Pause;
use crate::vocabulary::{Hash, Payload, WorkflowId};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What is remembered.
pub(super) struct Memory {
    journal: Journal,
    bundles: RefCell<HashMap<Hash, Rc<Bundle>>>,
    states: RefCell<HashMap<WorkflowId, Known>>,
}

/// What is known of a workflow at a checkpoint.
struct Known {
    number: u32,
    state: Rc<Map<String, Value>>,
    /// What its run was given.
    input: Option<Rc<Value>>,
    /// What the nodes of the step behind it run for.
    lists: HashMap<String, Rc<Vec<Value>>>,
}

/// All that expressions and templates of a place see.
pub(super) struct View {
    pub(super) bundle: Rc<Bundle>,
    definition: String,
    pub(super) input: Rc<Value>,
    pub(super) state: Rc<Map<String, Value>>,
    workflow: WorkflowId,
    run: u32,
    step: u32,
    /// What is undone, where something is.
    undone: Option<Undone>,
}

impl View {
    pub(super) fn definition(&self) -> Result<&Definition, Failure> {
        definition(&self.bundle, &self.definition).map_err(|error| failure(&error))
    }

    pub(super) fn scope(&self) -> Scope<'_> {
        let undone = self.undone.as_ref();
        let item = undone.and_then(|undone| undone.item.as_ref());
        Scope {
            input: &self.input,
            state: &self.state,
            workflow: self.workflow.0.as_str(),
            run: self.run,
            step: self.step,
            item: item.map(|(index, element)| (*index, element)),
            error: undone.map(|undone| &undone.error),
            output: undone.map(|undone| &undone.output),
        }
    }

    /// What one node of the step sees: what failed before it, too.
    pub(super) fn scope_of<'a>(&'a self, place: &'a Place, node: &str) -> Scope<'a> {
        let scope = self.scope();
        let error = place.nodes.get(node).and_then(Option::as_ref);
        Scope { error: error.or(scope.error), ..scope }
    }
}

impl Memory {
    /// More are forgotten, and read again where they are needed.
    const BUNDLES: usize = 256;
    const STATES: usize = 4_096;

    pub(super) fn new(journal: Journal) -> Self {
        Self { journal, bundles: RefCell::default(), states: RefCell::default() }
    }

    /// What work at a place sees.
    pub(super) async fn view(&self, place: &Place) -> Result<View, Failure> {
        let bundle = self.bundle(place).await?;
        let state = self.state(place, &bundle).await?;
        let (definition, workflow) = (place.definition.clone(), place.workflow_id.clone());
        let (run, step) = (place.run, place.step);
        if let Some(undo) = place.undo.as_ref().filter(|undo| !undo.deed.is_inside) {
            let (run, input, undone) =
                until_read(async || Undone::read(&self.journal, &place.workflow_id, undo).await)
                    .await?;
            return Ok(View {
                bundle,
                definition,
                input: Rc::new(input),
                state,
                workflow,
                run,
                step,
                undone: Some(undone),
            });
        }
        let input = self.input(place).await?;
        Ok(View { bundle, definition, input, state, workflow, run, step, undone: None })
    }

    pub(super) async fn value(&self, payload: &Payload) -> Result<Value, Failure> {
        if let Payload::Inline(value) = payload {
            return Ok(value.clone());
        }
        until_read(async || Ok(self.journal.value(payload).await?)).await
    }

    /// The state of a view, for whoever goes on from it. It is not remembered any more: nothing is copied, unless others
    /// look at it still.
    pub(super) fn take(&self, place: &Place, view: &mut View) -> Map<String, Value> {
        if self.of_place(place, |_| ()).is_some() {
            self.forget(&place.workflow_id);
        }
        let state = std::mem::take(&mut view.state);
        Rc::try_unwrap(state).unwrap_or_else(|state| (*state).clone())
    }

    /// The state that a step has come to, for the next one.
    pub(super) fn remember(&self, place: &Place, state: Map<String, Value>) {
        self.know(place.workflow_id.clone(), Known::new(place.step, Rc::new(state)));
    }

    /// The elements for which a node runs: they are the same for all of its items.
    pub(super) fn items(
        &self,
        place: &Place,
        view: &View,
        node: &str,
    ) -> Result<Rc<Vec<Value>>, Failure> {
        let list = || {
            let items = graph::items(node, view.definition()?, &view.scope_of(place, node))?;
            Ok::<_, Failure>(Rc::new(items.unwrap_or_default()))
        };
        if view.undone.is_some() {
            // What is undone decides, and one checkpoint may see several things undone.
            return list();
        }
        let known = self.of_place(place, |known| known.lists.get(node).cloned());
        if let Some(items) = known.flatten() {
            return Ok(items);
        }
        let items = list()?;
        self.of_place(place, |known| known.lists.insert(node.to_owned(), Rc::clone(&items)));
        Ok(items)
    }

    /// The run has come to its end: nobody needs it soon.
    pub(super) fn forget(&self, workflow: &WorkflowId) {
        self.states.borrow_mut().remove(workflow);
    }

    fn know(&self, workflow: WorkflowId, known: Known) {
        let mut states = self.states.borrow_mut();
        if states.len() >= Self::STATES {
            states.clear();
        }
        states.insert(workflow, known);
    }

    async fn bundle(&self, place: &Place) -> Result<Rc<Bundle>, Failure> {
        let hash = &place.bundle.hash;
        if let Some(known) = self.bundles.borrow().get(hash) {
            return Ok(Rc::clone(known));
        }
        let content =
            until_read(async || Ok(self.journal.content((*place.bundle).clone()).await?)).await?;
        let bundle: Bundle = serde_json::from_slice(&content)
            .map_err(|error| Failure::new("content", format!("its bundle is none: {error}")))?;
        let bundle = Rc::new(bundle);
        let mut bundles = self.bundles.borrow_mut();
        if bundles.len() >= Self::BUNDLES {
            bundles.clear();
        }
        bundles.insert(hash.clone(), Rc::clone(&bundle));
        Ok(bundle)
    }

    /// Looks at what is known of a workflow at the checkpoint of a place, if it is.
    fn of_place<T>(&self, place: &Place, look: impl FnOnce(&mut Known) -> T) -> Option<T> {
        let mut states = self.states.borrow_mut();
        let known = states.get_mut(&place.workflow_id);
        known.filter(|known| known.number == place.checkpoint.number).map(look)
    }

    /// What the run was given: a long one is read once a step.
    async fn input(&self, place: &Place) -> Result<Rc<Value>, Failure> {
        let known = self.of_place(place, |known| known.input.clone());
        if let Some(input) = known.flatten() {
            return Ok(input);
        }
        let input = Rc::new(self.value(&place.input).await?);
        self.of_place(place, |known| known.input = Some(Rc::clone(&input)));
        Ok(input)
    }

    async fn state(
        &self,
        place: &Place,
        bundle: &Bundle,
    ) -> Result<Rc<Map<String, Value>>, Failure> {
        let checkpoint = &place.checkpoint;
        if let Some(state) = self.of_place(place, |known| Rc::clone(&known.state)) {
            return Ok(state);
        }
        let state = until_read(async || self.read(place, bundle).await).await?;
        let (number, state) = (checkpoint.number, Rc::new(state));
        self.know(place.workflow_id.clone(), Known::new(number, Rc::clone(&state)));
        Ok(state)
    }

    /// The first checkpoint needs no look into the past, but for a fork's; all others are folded from it.
    async fn read(&self, place: &Place, bundle: &Bundle) -> Result<Map<String, Value>, PastError> {
        if place.checkpoint.parent.is_none() && place.source.is_none() {
            let definition = definition(bundle, &place.definition)?;
            let mut state = graph::initial(definition);
            take_in(&self.journal, definition, &mut state, &place.checkpoint.writes).await?;
            return Ok(state);
        }
        let past = Past::read(&self.journal, &place.workflow_id).await?;
        past.state_at(&self.journal, place.checkpoint.number).await
    }
}

impl Known {
    fn new(number: u32, state: Rc<Map<String, Value>>) -> Self {
        Self { number, state, input: None, lists: HashMap::new() }
    }
}

/// Reads until it can be read, or never will be.
pub(super) async fn until_read<T>(
    read: impl AsyncFn() -> Result<T, PastError>,
) -> Result<T, Failure> {
    let mut pause = Pause::new();
    loop {
        match read().await {
            Ok(value) => return Ok(value),
            Err(
                error @ (PastError::Fault(_)
                | PastError::Content(ReadError::Io { .. } | ReadError::Fault(_))),
            ) => {
                tracing::warn!(%error, "failed to read what a workflow needs: trying again");
            }
            Err(error) => return Err(failure(&error)),
        }
        pause.rest().await;
    }
}

fn failure(error: &PastError) -> Failure {
    Failure::new("content", error.to_string())
}

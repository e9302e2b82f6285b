//! Filters mean what a second, naive statement of them means, for any items and any filter.

use crate::support::{item, metadata, open};
use callboard_memory::{Filter, Item, Number, Range, Scalar};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// All values of a field, parts of arrays and objects among them.
fn values<'a>(value: &'a Value, path: &str, field: &str, found: &mut Vec<&'a Value>) {
    if path == field {
        found.push(value);
    }
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                values(value, &below, field, found);
            }
        }
        Value::Array(elements) => {
            for value in elements {
                values(value, path, field, found);
            }
        }
        _ => {}
    }
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Array(_) | Value::Object(_) => None,
        value => serde_json::from_value(value.clone()).ok(),
    }
}

fn compare(value: &Value, bound: &Scalar) -> Option<Ordering> {
    match (scalar(value)?, bound) {
        (Scalar::Number(value), Scalar::Number(bound)) => Some(value.cmp(bound)),
        (Scalar::Text(value), Scalar::Text(bound)) => Some(value.cmp(bound)),
        _ => None,
    }
}

fn lies_within(value: &Value, range: &Range) -> bool {
    let holds = |bound: &Option<Scalar>, allowed: &[Ordering]| {
        let order = bound.as_ref().map(|bound| compare(value, bound));
        order.is_none_or(|order| order.is_some_and(|order| allowed.contains(&order)))
    };
    holds(&range.above, &[Ordering::Greater])
        && holds(&range.at_least, &[Ordering::Greater, Ordering::Equal])
        && holds(&range.below, &[Ordering::Less])
        && holds(&range.at_most, &[Ordering::Less, Ordering::Equal])
}

/// Whether an item meets a filter, looked up in its JSON.
pub(crate) fn meets(item: &Item, filter: &Filter) -> bool {
    let mut whole = item.metadata.clone();
    whole.insert("$kind".to_owned(), item.kind.as_str().into());
    whole.insert("$created_at".to_owned(), item.created_at.into());
    let whole = Value::Object(whole);
    let any = |field: &str, holds: &dyn Fn(&Value) -> bool| {
        let mut found = Vec::new();
        values(&whole, "", field, &mut found);
        found.into_iter().any(holds)
    };
    match filter {
        Filter::Equals { field, value } => {
            any(field, &|found| scalar(found).as_ref() == Some(value))
        }
        Filter::In { field, values } => {
            any(field, &|found| scalar(found).is_some_and(|found| values.contains(&found)))
        }
        Filter::Range(range) => any(&range.field, &|found| lies_within(found, range)),
        Filter::Exists { field } => any(field, &|_| true),
        Filter::And(parts) => parts.iter().all(|part| meets(item, part)),
        Filter::Or(parts) => parts.iter().any(|part| meets(item, part)),
        Filter::Not(part) => !meets(item, part),
    }
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        prop_oneof![Just(0.5), Just(1.0), Just(-1.5)].prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[xy]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Some metadata: few names and few values, so that they meet.
pub(crate) fn some_metadata() -> impl Strategy<Value = callboard_memory::Metadata> {
    prop::collection::btree_map("[xyz]", value(), 0..4).prop_map(|map| map.into_iter().collect())
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof!["[xyz]", "[xyz]\\.[xy]", Just("$kind".to_owned()), Just("$created_at".to_owned())]
}

fn a_scalar() -> impl Strategy<Value = Scalar> {
    leaf().prop_map(|value| serde_json::from_value(value).unwrap())
}

fn range() -> impl Strategy<Value = Filter> {
    let numbers = prop::collection::vec(prop::option::of((-3_i64..3).prop_map(Scalar::from)), 4);
    let texts = prop::collection::vec(prop::option::of("[ab]{0,2}".prop_map(Scalar::Text)), 4);
    (field(), prop_oneof![numbers, texts]).prop_map(|(field, mut bounds)| {
        if bounds.iter().all(Option::is_none) {
            bounds[1] = Some(Scalar::Number(Number::from(0)));
        }
        let mut bound = || bounds.pop().flatten();
        let (above, at_least, below, at_most) = (bound(), bound(), bound(), bound());
        Filter::Range(Range { field, above, at_least, below, at_most })
    })
}

/// Any filter.
pub(crate) fn some_filter() -> impl Strategy<Value = Filter> {
    let condition = prop_oneof![
        (field(), a_scalar()).prop_map(|(field, value)| Filter::Equals { field, value }),
        (field(), prop::collection::vec(a_scalar(), 0..3))
            .prop_map(|(field, values)| Filter::In { field, values }),
        range(),
        field().prop_map(|field| Filter::Exists { field }),
    ];
    condition.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_filter_lets_through_what_its_naive_reading_does(
        all in prop::collection::vec(some_metadata(), 0..20),
        filters in prop::collection::vec(some_filter(), 1..20),
        gone in prop::collection::vec(0_usize..20, 0..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let items: Vec<Item> = all.into_iter().enumerate().map(|(number, metadata)| {
            let kind = ["a", "b"][number % 2].to_owned();
            let created_at = i64::try_from(number).unwrap() - 5;
            Item { metadata, kind, created_at, ..item(&format!("{number:02}"), "x") }
        }).collect();
        let entries: Vec<_> = items.iter().cloned().map(Into::into).collect();
        store.store_all(&entries).unwrap();
        // Some go after memory was filled, so that it has to follow.
        store.count(Some(&Filter::And(Vec::new()))).unwrap();
        let gone: Vec<String> = gone.iter().map(|number| format!("{number:02}")).collect();
        store.delete(&gone.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        for filter in &filters {
            let expected: Vec<&str> = items.iter()
                .filter(|item| !gone.contains(&item.id) && meets(item, filter))
                .map(|item| item.id.as_str()).collect();
            let page = store.list(Some(filter), 0, 100).unwrap();
            let found: Vec<&str> = page.items.iter().map(|item| item.id.as_str()).collect();
            prop_assert_eq!(&found, &expected, "{:?}", filter);
            let again: Filter = serde_json::from_str(&serde_json::to_string(filter).unwrap()).unwrap();
            prop_assert_eq!(&again, filter);
        }
    }
}

#[test]
fn a_filter_is_read_as_a_person_would_write_it() {
    let filter: Filter = serde_json::from_value(json!({
        "and": [
            { "equals": { "field": "agent", "value": "research" } },
            { "range": { "field": "confidence", "at_least": 0.8 } },
            { "not": { "exists": { "field": "superseded_by" } } },
        ]
    }))
    .unwrap();
    let with = |value: Value| Item { metadata: metadata(value), ..item("a", "x") };
    assert!(meets(&with(json!({ "agent": "research", "confidence": 0.9 })), &filter));
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.store(&with(json!({ "agent": "research", "confidence": 0.9 })), None).unwrap();
    assert_eq!(store.count(Some(&filter)).unwrap(), 1);
    let matching =
        Filter::matching(&metadata(json!({ "agent": ["research", "architect"] }))).unwrap();
    assert_eq!(store.count(Some(&matching)).unwrap(), 1);
    assert!(Filter::matching(&metadata(json!({ "agent": {} }))).is_err());
}

#[test]
fn a_filter_that_means_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let mut refusal = |filter: Filter| store.count(Some(&filter)).unwrap_err().to_string();
    assert_eq!(
        refusal(Filter::Range(Range::of("x"))),
        "the search cannot be made: the range of \"x\" has no bound"
    );
    let mixed = Range { above: Some(1.into()), below: Some("b".into()), ..Range::of("x") };
    assert_eq!(
        refusal(Filter::Range(mixed)),
        "the search cannot be made: the range of \"x\" is bounded by a number and a text: \
         bounds are all numbers or all texts"
    );
    let deep = (0..40).fold(Filter::And(Vec::new()), |inner, _| Filter::Not(Box::new(inner)));
    assert!(refusal(deep).ends_with("deeper than 32 levels"));
}

//! Whom tools ask: of the runtimes those that can.

use callboard_actors::tools::Meter;

use callboard::world::models::{Api, OpenAiConfig, Provider};
use callboard::world::{Runtime, Runtimes, Spec, SpecKind, embedder, researcher};

use crate::caller::like_openai;
use crate::openai::aimock;

fn runtimes(configs: Vec<OpenAiConfig>) -> Runtimes {
    let runtimes = configs.into_iter().map(|config| {
        let name = format!("{:?}", config.provider);
        let kind = SpecKind::OpenAi(Box::new(config));
        (name, Runtime::open(Spec { record: None, kind }).unwrap())
    });
    Runtimes::new(runtimes.collect())
}

#[tokio::test]
async fn who_has_a_key_is_asked_and_nobody_else() {
    let Some(server) = aimock() else { return };
    let at = |provider| like_openai(provider, Api::Chat, server.url("/v1"));
    let all = runtimes(vec![at(Provider::Openai), at(Provider::Perplexity)]);
    let found = researcher(all.clone())().unwrap();
    let meter = Meter::default();
    let researched = found.ask("plain-question".to_owned(), meter.clone()).await.unwrap();
    assert_eq!(meter.spent().lost, 0, "it was answered");
    assert!(researched.answer.starts_with("It streams in pieces"), "{}", researched.answer);
    let question = "what nobody has written down".to_owned();
    let error = found.ask(question, Meter::default()).await.unwrap_err();
    assert!(error.error.starts_with("failed to search: "), "{error}");
    assert_eq!(embedder(all.clone())().unwrap().model().model, "text-embedding-3-small");

    let without = |provider| OpenAiConfig { api_key: None, ..at(provider) };
    all.replace([].into());
    assert!(researcher(all.clone())().is_none() && embedder(all)().is_none());
    let keyless = runtimes(vec![without(Provider::Openai), without(Provider::Perplexity)]);
    assert!(researcher(keyless.clone())().is_none() && embedder(keyless)().is_none());
    let others = runtimes(vec![at(Provider::Compatible)]);
    assert!(researcher(others.clone())().is_none() && embedder(others)().is_none());
}

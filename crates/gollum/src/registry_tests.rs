//! Which model a name means, with models of a few kilobytes that really load.

use std::path::Path;

use clap::Parser;

use super::*;
use crate::cli::{Cli, Verb};
use crate::testing::{TempDir, model_file, tiny_model};

fn registry(dir: &Path, flags: &str) -> Registry {
    let dir = dir.to_string_lossy();
    let fixed = ["gollum", "serve", "--threads", "1", "--kv-memory", "8MiB", "--models-dir", &dir];
    let cli = Cli::try_parse_from(fixed.into_iter().chain(flags.split_whitespace())).expect("it parses");
    let Verb::Serve(args) = cli.verb else { panic!("the verb is serve") };
    Registry::new(&args).expect("the folder can be read")
}

fn asked(registry: &Registry, id: Option<&str>) -> Result<String, HostError> {
    registry.get(id).map(|frontend| frontend.model_id().to_owned())
}

#[test]
fn a_request_without_a_model_takes_the_one_that_is_loaded() {
    let dir = TempDir::new();
    for name in ["a.gguf", "b.gguf"] {
        dir.write(name, &tiny_model());
    }
    let registry = registry(dir.path(), "");
    assert_eq!(asked(&registry, Some("b")).as_deref(), Ok("b"));
    assert_eq!(asked(&registry, None).as_deref(), Ok("b"), "the one that is loaded");
    assert_eq!(asked(&registry, Some("a")).as_deref(), Ok("a"));
    assert_eq!(asked(&registry, None).as_deref(), Ok("a"), "of two that are loaded, the default one");
    assert!(matches!(asked(&registry, Some("gpt-4o")), Err(HostError::NotFound { .. })));
    registry.drain(Duration::ZERO);
}

#[test]
fn what_is_no_chat_model_is_never_the_default() {
    let dir = TempDir::new();
    dir.write("a-mmproj.gguf", &model_file(&[("general.architecture", "clip")]));
    dir.write("b-unknown.gguf", &model_file(&[("general.architecture", "mamba")]));
    dir.write("z.gguf", &tiny_model());
    let registry = registry(dir.path(), "");
    assert_eq!(registry.list().iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), ["z"]);
    assert_eq!(asked(&registry, None).as_deref(), Ok("z"));
    match asked(&registry, Some("b-unknown")) {
        Err(HostError::Load { message, .. }) => assert!(message.contains("mamba"), "{message}"),
        other => panic!("{other:?}"),
    }
    registry.drain(Duration::ZERO);
}

#[test]
fn any_name_means_the_only_model_if_the_flag_says_so() {
    let dir = TempDir::new();
    dir.write("publisher/model/file.gguf", &tiny_model());
    let lenient = registry(dir.path(), "--any-model-name");
    assert_eq!(asked(&lenient, Some("gpt-4o")).as_deref(), Ok("publisher/model"));
    lenient.drain(Duration::ZERO);
    let strict = registry(dir.path(), "");
    assert!(matches!(asked(&strict, Some("gpt-4o")), Err(HostError::NotFound { .. })));
    dir.write("other.gguf", &tiny_model());
    let several = registry(dir.path(), "--any-model-name");
    assert!(matches!(asked(&several, Some("gpt-4o")), Err(HostError::NotFound { .. })), "two models: which?");
}

#[test]
fn a_served_name_may_hold_slashes_and_colons() {
    let dir = TempDir::new();
    let path = dir.write("x.gguf", &tiny_model());
    let flags = format!("--model {} --served-model-name org/name:latest", path.display());
    let registry = registry(dir.path(), &flags);
    let ids: Vec<String> = registry.list().into_iter().map(|card| card.id).collect();
    assert_eq!(ids, ["org/name:latest"], "the file is listed once");
    assert_eq!(asked(&registry, Some("org/name:latest")).as_deref(), Ok("org/name:latest"));
    registry.drain(Duration::ZERO);
}

#[test]
fn the_defaults_in_force_are_listed_and_used() {
    let dir = TempDir::new();
    dir.write("a.gguf", &crate::testing::tiny_model_with(|w| w.meta("general.sampling.temp", 0.25f32)));
    let registry = registry(dir.path(), "--top-k 7");
    let listed = registry.list().remove(0).default_sampling;
    assert_eq!((listed.temperature, listed.top_k, listed.min_p), (0.25, 7, 0.05));
    let frontend = registry.get(None).expect("it loads");
    assert_eq!(*frontend.default_sampling(), listed);
    registry.drain(Duration::ZERO);
}

#[test]
fn models_go_when_nobody_asks_and_when_told_to() {
    let dir = TempDir::new();
    for name in ["a.gguf", "b.gguf"] {
        dir.write(name, &tiny_model());
    }
    let registry = registry(dir.path(), "--models-idle 1");
    let loaded = |id: &str| {
        let cards = registry.list();
        cards.iter().any(|card| card.id == id && card.state == ModelState::Loaded)
    };
    asked(&registry, Some("a")).expect("it loads");
    asked(&registry, Some("b")).expect("it loads");
    registry.keep("b", None);
    let expires = registry.list().into_iter().map(|card| card.expires_unix.is_some()).collect::<Vec<_>>();
    assert_eq!(expires, [true, false]);
    registry.sweep();
    assert!(loaded("a") && loaded("b"));
    std::thread::sleep(Duration::from_millis(1100));
    registry.sweep();
    assert!(!loaded("a") && loaded("b"), "one stays because it was told to");
    assert_eq!(registry.unload("b"), Ok(true));
    assert_eq!(registry.unload("b"), Ok(false));
    assert!(!loaded("b") && matches!(registry.unload("c"), Err(HostError::NotFound { .. })));
    asked(&registry, Some("b")).expect("it loads again");
    assert_eq!(registry.delete("b"), Err(HostError::NotManaged));
}

#[test]
fn files_are_deleted_where_the_operator_lets_clients() {
    let (dir, elsewhere) = (TempDir::new(), TempDir::new());
    dir.write("a.gguf", &tiny_model());
    elsewhere.write("o.gguf", &tiny_model());
    let outside = elsewhere.path().join("o.gguf");
    let registry = registry(dir.path(), &format!("--manage-models --model {}", outside.display()));
    asked(&registry, Some("a")).expect("it loads");
    assert_eq!(registry.delete("a"), Ok(()));
    assert!(!dir.path().join("a.gguf").exists());
    assert!(matches!(registry.delete("o"), Err(HostError::Load { .. })) && outside.exists());
    assert!(matches!(registry.pull("http://127.0.0.1:1/x.gguf", &mut |_| true), Err(HostError::Load { .. })));
}

#[test]
fn the_list_follows_a_load_tensor_by_tensor() {
    let dir = TempDir::new();
    dir.write("a.gguf", &tiny_model());
    let registry = registry(dir.path(), "");
    let state = || registry.list().remove(0).state;
    assert_eq!(state(), ModelState::Unloaded);
    assert!(matches!(registry.begin_load("a"), Ok(None)), "the right to load is ours");
    let ended = LoadEnds(&registry);
    assert_eq!(state(), ModelState::Loading { progress: 0.0 });
    let found = registry.models().remove(0);
    let mut seen = vec![0.0];
    let loaded = registry.load_one(&found, &mut |progress| {
        registry.note_progress(progress);
        assert_eq!(state(), ModelState::Loading { progress });
        seen.push(progress);
    });
    assert!(seen.len() > 10 && seen.is_sorted_by(|a, b| a < b), "a step for each tensor: {seen:?}");
    assert_eq!(seen.last(), Some(&1.0));
    registry.lock().loaded.push(loaded.expect("it loads"));
    assert_eq!(state(), ModelState::Loaded, "though the right to load is not back yet");
    drop(ended);
    registry.drain(Duration::ZERO);
}

#[test]
fn a_model_that_would_not_fit_is_refused_with_the_numbers() {
    let dir = TempDir::new();
    dir.write("a.gguf", &tiny_model());
    let registry = registry(dir.path(), "");
    let mut found = registry.models().remove(0);
    found.bytes = 1 << 60;
    match registry.make_room(&found) {
        Err(error @ HostError::NoRoom { needed_bytes, .. }) => {
            assert!(needed_bytes == 1 << 60 && error.to_string().contains("are free"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

/// The registry of a folder and a file of settings.
fn configured(dir: &TempDir, settings: &str) -> Registry {
    let config = dir.write("gollum.toml", settings.as_bytes());
    let fixed = ["gollum", "serve", "--threads", "1", "--kv-memory", "8MiB", "--temp", "0.1", "--models-dir"];
    let mut arguments: Vec<std::ffi::OsString> = fixed.map(Into::into).to_vec();
    arguments.extend([dir.path().into(), "--config".into(), config.into_os_string()]);
    let parsed = crate::cli::settings::parse(arguments, |_| None).expect("it parses");
    let Verb::Serve(args) = parsed.cli.verb else { panic!("the verb is serve") };
    Registry::new(&args).expect("the folder can be read")
}

#[test]
fn a_model_is_reached_by_its_aliases_and_has_its_preset() {
    let dir = TempDir::new();
    for name in ["a.gguf", "publisher/b/file.gguf"] {
        dir.write(name, &crate::testing::tiny_model_with(|w| w.meta("general.sampling.top_k", 30u32)));
    }
    let registry = configured(
        &dir,
        "[models.file]\naliases = ['fast', 'a']\ntop-k = 3\ntemp = 0.5\nmodels-idle = 9\nmax-model-len = 32\n\
         [models.missing]\naliases = ['nobody']",
    );
    let cards = registry.list();
    let of = |id: &str| cards.iter().find(|card| card.id == id).expect("it is listed");
    assert_eq!(of("publisher/b").aliases, ["fast"], "`a` is another model's own name");
    assert!(of("a").aliases.is_empty());
    let sampling = |card: &ModelCard| (card.default_sampling.temperature, card.default_sampling.top_k);
    assert_eq!(sampling(of("publisher/b")), (0.5, 3), "the preset goes before flag and file");
    assert_eq!(sampling(of("a")), (0.1, 30), "the flag goes before the file");

    let fast = registry.get(Some("fast")).expect("it loads");
    assert_eq!(fast.model_id(), "publisher/b");
    assert_eq!((fast.default_sampling().top_k, fast.engine().limits().max_model_len), (3, 32));
    assert!(registry.get_loaded("fast").is_some_and(|loaded| Arc::ptr_eq(&loaded, &fast)));
    assert_eq!(asked(&registry, Some("a")).as_deref(), Ok("a"));
    assert!(matches!(asked(&registry, Some("nobody")), Err(HostError::NotFound { .. })));
    let loaded = registry.list();
    let expires: Vec<bool> = loaded.iter().map(|card| card.expires_unix.is_some()).collect();
    assert_eq!((loaded[1].is_called("fast"), expires), (true, vec![false, true]));
    assert_eq!(registry.unload("fast"), Ok(true));
    registry.drain(Duration::ZERO);
}

#[test]
fn an_alias_can_be_the_model_of_the_start_and_a_served_name_keeps_its_preset() {
    let dir = TempDir::new();
    dir.write("x.gguf", &tiny_model());
    let settings = "model = 'fast'\nserved-model-name = 'shown'\n[models.x]\naliases = ['fast']\ntop-k = 3";
    let registry = configured(&dir, settings);
    assert_eq!(asked(&registry, None).as_deref(), Ok("shown"));
    assert_eq!(asked(&registry, Some("fast")).as_deref(), Ok("shown"));
    assert_eq!(registry.list()[0].default_sampling.top_k, 3);
    registry.drain(Duration::ZERO);
}

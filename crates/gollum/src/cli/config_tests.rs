//! What files of settings say, and what is said of wrong ones.

use std::ffi::OsString;
use std::path::Path;

use super::*;
use crate::cli::presets::MAX_ALIASES;
use crate::cli::settings::{Stop, parse};
use crate::cli::{KvChoice, ServeArgs, Verb, help};
use crate::store::Found;
use crate::testing::TempDir;

/// `gollum serve --config FILE FLAGS`.
fn read(text: &str, flags: &str, variables: &[(&str, &str)]) -> Result<ServeArgs, String> {
    let dir = TempDir::new();
    let path = dir.write("gollum.toml", text.as_bytes());
    let fixed = ["gollum".into(), "serve".into(), "--config".into(), path.into_os_string()];
    let arguments = fixed.into_iter().chain(flags.split_whitespace().map(OsString::from)).collect();
    let variable =
        |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
    match parse(arguments, variable) {
        Ok(parsed) => match parsed.cli.verb {
            Verb::Serve(args) => Ok(*args),
            other => panic!("{other:?}"),
        },
        Err(Stop::Usage(e)) => Err(e.to_string()),
        Err(Stop::Variable(text)) => Err(text),
        Err(Stop::Config(e)) => Err(e.to_string()),
    }
}

fn serve(text: &str, flags: &str, variables: &[(&str, &str)]) -> ServeArgs {
    read(text, flags, variables).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn a_flag_goes_before_a_variable_before_the_file_before_the_default() {
    let port = |flags, variables: &[(&str, &str)]| serve("port = 1001", flags, variables).net.port;
    assert_eq!(port("", &[]), 1001);
    assert_eq!(port("", &[("GOLLUM_PORT", "1002")]), 1002);
    assert_eq!(port("", &[("PORT", "1003")]), 1003);
    assert_eq!(port("", &[("GOLLUM_PORT", "")]), 1001, "an empty variable is an unset one");
    assert_eq!(port("--port 1004", &[("GOLLUM_PORT", "1002")]), 1004);
    assert_eq!(serve("", "", &[]).net.port, 8080);
    let insecure = |variables: &[(&str, &str)]| serve("insecure = true", "", variables).net.insecure;
    assert!(insecure(&[]) && !insecure(&[("GOLLUM_INSECURE", "0")]));
    // Not merged: the one that goes first is the whole list.
    let hosts = |flags: &str| serve("host = ['::1', '127.0.0.2']", flags, &[]).net.host;
    assert_eq!(hosts(""), ["::1", "127.0.0.2"]);
    assert_eq!(hosts("--host 127.0.0.3"), ["127.0.0.3"]);
}

#[test]
fn the_file_is_named_by_a_variable_too_and_none_is_read_that_nobody_names() {
    let dir = TempDir::new();
    let path = dir.write("named.toml", b"port = 1001").into_os_string();
    let port = |verb: &str, name: &'static str| {
        let path = path.clone();
        let parsed = parse(vec!["gollum".into(), verb.into()], |n| (n == name).then(|| path.clone()));
        match parsed.expect("it parses").cli.verb {
            Verb::Serve(args) => args.net.port,
            _ => 0,
        }
    };
    assert_eq!(port("serve", "GOLLUM_CONFIG"), 1001);
    assert_eq!(port("serve", "GOLLUM_OTHER"), 8080);
    assert_eq!(port("list", "GOLLUM_CONFIG"), 0, "verbs without settings of a file read none");
}

#[test]
fn keys_are_the_long_flags_and_their_other_names() {
    let check = |text: &str, is_so: fn(&ServeArgs) -> bool| {
        assert!(is_so(&serve(text, "", &[])), "{text}");
    };
    check("max-num-seqs = 3", |args| args.each.model.engine.max_num_seqs == 3);
    check("max_num_seqs = 3", |args| args.each.model.engine.max_num_seqs == 3);
    check("parallel = 0x10", |args| args.each.model.engine.max_num_seqs == 16);
    check("ctx-size = \"8K\"", |args| args.each.model.engine.max_model_len == Some(8192));
    check("kv-memory = \"1GiB\"", |args| args.each.model.engine.kv_memory == Some(1 << 30));
    check("kv-memory = 1_000_000", |args| args.each.model.engine.kv_memory == Some(1_000_000));
    check("temp = 0.25", |args| args.each.model.sampling.temperature == Some(0.25));
    check("temp = 1", |args| args.each.model.sampling.temperature == Some(1.0));
    check("no-prefix-cache = true", |args| args.each.model.engine.no_prefix_cache);
    check("no-prefix-cache = false", |args| !args.each.model.engine.no_prefix_cache);
    check("models-dir = \"/x y\"", |args| args.models.models_dir == Path::new("/x y"));
    check("kv-cache-dtype = \"q8_0\"", |args| {
        args.each.model.engine.compute.kv_cache_dtype == KvChoice::Q8_0
    });
    check("api-key = 'one-key-a,two-key-b'", |args| args.net.api_key.len() == 2);
    check("model = ''", |args| args.model.is_none());
    check("model = '--odd'", |args| args.model.as_deref() == Some("--odd"));
    check("chat-template-kwargs = { a = [1, 2.5, { b = true }], c = 'd' }", |args| {
        let kwargs = args.each.model.chat.chat_template_kwargs.clone().unwrap_or_default().0;
        serde_json::Value::Object(kwargs) == serde_json::json!({"a": [1, 2.5, {"b": true}], "c": "d"})
    });
}

#[test]
fn every_flag_of_serve_can_be_a_key() {
    let table = help::table();
    let verb = table.find_subcommand("serve").expect("it exists");
    let mut keys = 0;
    for long in verb.get_arguments().filter(|arg| is_setting(arg)).filter_map(Arg::get_long) {
        let values = ["true", "1", "'1'", "{ a = 1 }"];
        let is_known = |value: &&str| {
            let outcome = read(&format!("{long} = {value}"), "", &[]);
            // A value may be wrong; its type and its key are right.
            outcome.map_or_else(|e| e.contains(" is `") || e.contains("have a part in it"), |_| true)
        };
        assert!(values.iter().any(is_known), "{long}: {:?}", read(&format!("{long} = 1"), "", &[]));
        assert!(
            read(&format!("{long} = 1979-05-27"), "", &[]).is_err_and(|e| e.contains("is a date")),
            "{long}"
        );
        keys += 1;
    }
    assert!(keys > 45, "only {keys} keys");
}

#[test]
fn errors_name_the_file_the_line_the_key_and_what_was_meant() {
    let check = |text: &str, words: &[&str]| {
        let error = read(text, "", &[]).expect_err(text);
        assert!(error.contains("gollum.toml"), "{error}");
        assert!(words.iter().all(|word| error.contains(word)), "{text}: {error}");
    };
    check("\n\nmax-num-seq = 3", &[":3: `max-num-seq` is no setting; did you mean `max-num-seqs`?"]);
    check("colour = 'red'", &[":1: `colour` is no setting"]);
    check("config = 'other.toml'", &["`config` is no setting"]);
    check("help = true", &["`help` is no setting"]);
    check("port = 1\n[serve]\nport = 2", &[":2: `serve` is no setting"]);
    check("port = true", &[":1: `port` is true or false, and must be a number or a text"]);
    check("insecure = 1", &["`insecure` is a number, and must be true or false"]);
    check("model = 4", &["`model` is a number, and must be a text"]);
    check("host = [1]", &["`host` is a list, and must be a text or a list of texts"]);
    check("temp = [0.5]", &["`temp` is a list"]);
    check("chat-template-kwargs = { a = inf }", &["`chat-template-kwargs` is a table, and must be"]);
    check("#\nport = 70000", &[":2: `port` is `70000`: ", "65535"]);
    check("kv-cache-dtype = 'f8'", &["`kv-cache-dtype` is `f8`: "]);
    check("temp = -1", &["`temp` is `-1`: must be 0 to 100"]);
    check("chat-template = '/no/such/file'", &["`chat-template` is `/no/such/file`: cannot be read"]);
    check("temp = 1\ntop-k = 2\ntemperature = 1", &[":3: `temperature` says again what line 1 says"]);
    check("max_num_seqs = 1\nmax-num-seqs = 2", &[":2:", "line 1"]);
    check("port = 1\nport = 2", &[":2: duplicate key"]);
    check("port = ", &[":1: "]);
    check("served-model-name = 'x'", &["--model", ":1: `served-model-name`"]);
    check("models = 3", &["`models` is a number, and must be a table"]);
    check("[models]\nx = 3", &[":2: `x` is a number, and must be a table"]);
    check("[models.x]\nport = 3", &[":2: `port` is no setting; it is the server's"]);
    check("[models.x]\ntop-q = 3", &[":2: `top-q` is no setting; did you mean `top-"]);
    check("aliases = ['x']", &["`aliases` is no setting; it is a model's"]);
    check("[models.x]\n\ntop-p = 3", &[":3: `top-p` is `3`: must be 0 to 1"]);
    check("[models.x]\naliases = ['a b\\\\']", &["cannot be a model's name"]);
    check("[models.x]\naliases = ['a']\n[models.y]\naliases = ['b', 'a']", &[":3:", "`a`", "line 1"]);
    check(&format!("[models.x]\naliases = [{}]", "'a',".repeat(MAX_ALIASES + 1)), &["at most 16"]);
    check(&format!("model = '{}'", "x".repeat(MAX_BYTES as usize)), &["has more than 1048576 bytes"]);
    check(&"[".repeat(5000), &[":1: "]);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let dir = TempDir::new();
    let table = help::table();
    let verb = table.find_subcommand("serve").expect("it exists");
    let missing = Config::read(&dir.path().join("none.toml"), verb);
    assert!(matches!(missing, Err(ConfigError::Read { .. })), "{missing:?}");
    let binary = Config::read(&dir.write("binary.toml", b"port = 1 # \xff"), verb);
    assert!(matches!(binary, Err(ConfigError::Read { .. })), "{binary:?}");
}

#[test]
fn presets_go_before_flags_and_exact_names_before_patterns() {
    let text = "
        temperature = 0.1
        no-prefix-cache = true
        models-idle = 60
        [models.exact]
        temperature = 0.5
        aliases = ['one', 'two']
        [models.'*']
        temperature = 0.2
        top-k = 2
        min-p = 0.2
        [models.'ex*']
        temperature = 0.3
        top-k = 3
        no-prefix-cache = false
        models-idle = 0
        max-model-len = 128";
    let args = serve(text, "--top-k 9 --top-p 0.9 --max-num-seqs 7", &[]);
    let of = |id: &str| args.presets.over(&args.each, &Found::without_file(id));
    let exact = of("exact");
    let sampling = &exact.model.sampling;
    assert_eq!(sampling.temperature, Some(0.5), "the exact name, though it comes first");
    assert_eq!(sampling.top_k, Some(3), "the later pattern");
    assert_eq!((sampling.min_p, sampling.top_p), (Some(0.2), Some(0.9)), "what is left to others");
    assert!(!exact.model.engine.no_prefix_cache, "a preset turns off what the file turns on");
    assert_eq!((exact.models_idle, exact.model.engine.max_model_len), (Some(0), Some(128)));
    assert_eq!(exact.model.engine.max_num_seqs, 7);
    let other = of("other");
    assert_eq!(other.model.sampling.temperature, Some(0.2));
    assert_eq!((other.model.engine.no_prefix_cache, other.models_idle), (true, Some(60)));
    let aliases = |id: &str| {
        let model = Found::without_file(id);
        args.presets.aliases(&model).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(aliases("exact"), ["one", "two"]);
    assert!(aliases("example").is_empty());
    let models = [Found::without_file("other")];
    let idle: Vec<&str> = args.presets.idle(&models).map(|place| place.key.as_str()).collect();
    assert_eq!(idle, ["ex*", "exact"]);
}

#[test]
fn the_example_of_the_manual_is_one() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    let page = std::fs::read_to_string(page).expect("docs/config.md is there");
    let (_, rest) = page.split_once("```toml\n").expect("it has an example");
    let (example, _) = rest.split_once("```").expect("the example ends");
    let dir = TempDir::new();
    let template = dir.write("template.jinja", b"{{ messages[0].content }}");
    let named = "\"templates/smollm2.jinja\"";
    assert!(example.contains(named), "{example}");
    let args = serve(&example.replace(named, &format!("'{}'", template.display())), "", &[]);
    assert_eq!((args.net.port, args.net.host.len()), (8000, 2));
    assert_eq!(args.each.model.engine.kv_memory, Some(8 << 30));
    let of = |id: &str| args.presets.over(&args.each, &Found::without_file(id));
    let smollm2 = Found::without_file("SmolLM2-135M-Instruct.Q4_1");
    assert_eq!(args.presets.aliases(&smollm2).collect::<Vec<_>>(), ["small", "gpt-4o-mini"]);
    assert!(of(&smollm2.id).model.chat.chat_template.is_some());
    let qwen = of("Qwen/Qwen3-4B-GGUF");
    assert_eq!((qwen.model.sampling.temperature, qwen.model.sampling.top_k), (Some(0.7), Some(20)));
    assert!(qwen.model.chat.chat_template_kwargs.is_some_and(|kwargs| kwargs.0["enable_thinking"] == false));
    assert_eq!(of("bge-m3").models_idle, Some(0));
    assert_eq!(of("anything").model.sampling.temperature, Some(0.6));
}

//! The command line as people meet it: the binary itself, its settings, its help, its pages.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};

/// The binary, hearing no setting of whoever runs the test.
fn gollum() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gollum"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GOLLUM_") || name == "PORT" {
            command.env_remove(name);
        }
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    gollum().args(arguments).output().expect("the binary was built for this test")
}

fn stdout(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text")
}

/// A folder of one test, empty at its start.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("the folder for tests can be written");
    path
}

struct Server {
    process: Child,
    url: String,
    /// A server that cannot write its whole greeting ends.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(config: &Path) -> Self {
        let mut command = gollum();
        command.arg("--config").arg(config).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary was built for this test");
        let mut stdout = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut greeting = String::new();
        stdout.read_line(&mut greeting).expect("it is text");
        let url = greeting.trim().split_once(" listens on ").map(|(_, url)| url.to_owned());
        let mut server = Self { process, url: String::new(), _stdout: stdout };
        server.url = url.unwrap_or_else(|| panic!("{greeting}"));
        server
    }

    fn get(&self, path: &str) -> Value {
        let mut answer =
            ureq::get(format!("{}{path}", self.url)).call().unwrap_or_else(|e| panic!("{path}: {e}"));
        let text = answer.body_mut().read_to_string().expect("it is text");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"))
    }

    /// The answer, and the request's id.
    fn post(&self, path: &str, body: &Value) -> (Value, String) {
        let request = ureq::post(format!("{}{path}", self.url)).header("content-type", "application/json");
        let mut answer = request.send(body.to_string()).unwrap_or_else(|e| panic!("{path}: {e}"));
        let id = answer.headers().get("x-request-id").map(|id| id.to_str().expect("text").to_owned());
        let text = answer.body_mut().read_to_string().expect("it is text");
        let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"));
        (value, id.unwrap_or_default())
    }

    /// Ends it, and returns its log.
    fn end(mut self) -> String {
        self.process.kill().expect("it runs");
        std::io::read_to_string(self.process.stderr.take().expect("it is piped")).expect("it is text")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_server_runs_by_its_file_of_settings() {
    let dir = folder("settings");
    let template = dir.join("template.jinja");
    std::fs::write(&template, "{{ mood }}: {{ messages[0].content }}").expect("it can be written");
    let settings = format!(
        "port = 0\nmodels-dir = '{}'\ntop-k = 11\ntop-p = 0.9\n\
         [models.'toy-?']\naliases = ['gpt-4o']\ntop-k = 7\nchat-template = '{}'\n\
         chat-template-kwargs = {{ mood = 'calm' }}\n\
         [models.Gwen]\ntop-k = 1\n",
        dir.display(),
        template.display(),
    );
    let config = dir.join("gollum.toml");
    std::fs::write(&config, settings).expect("it can be written");
    let server = Server::start(&config);

    let listed = server.get("/v1/models/gpt-4o");
    assert_eq!((&listed["id"], &listed["aliases"]), (&json!("toy-1"), &json!(["gpt-4o"])));
    let defaults = &listed["default_sampling"];
    assert_eq!((&defaults["top_k"], &defaults["top_p"]), (&json!(7), &json!(0.9)), "the preset goes first");

    let (shown, _) = server.post("/api/show", &json!({"model": "gpt-4o"}));
    assert!(shown["parameters"].as_str().is_some_and(|text| text.contains("top_k 7")), "{shown}");

    let ask = |more: Value| {
        let mut body =
            json!({"model": "gpt-4o", "max_tokens": 2, "messages": [{"role": "user", "content": "Hi"}]});
        body.as_object_mut().expect("it is one").extend(more.as_object().expect("one too").clone());
        let (answer, id) = server.post("/v1/chat/completions", &body);
        assert_eq!(answer["model"], "toy-1");
        server.get(&format!("/debug/requests/{id}")).to_string()
    };
    assert!(ask(json!({})).contains("\"top_k\":7"), "{}", ask(json!({})));
    assert!(ask(json!({"top_k": 5})).contains("\"top_k\":5"), "a request goes before the preset");

    let prompt = |body: Value| server.post("/apply-template", &body).0["prompt"].clone();
    let messages = json!([{"role": "user", "content": "Hi"}]);
    assert_eq!(prompt(json!({"messages": messages})), "calm: Hi");
    let kwargs = json!({"mood": "glad"});
    assert_eq!(prompt(json!({"messages": messages, "chat_template_kwargs": kwargs})), "glad: Hi");

    let log = server.end();
    assert!(log.contains("gollum.toml:10: `Gwen` is no model of"), "{log}");
    assert!(!log.contains("`toy-?`"), "{log}");
}

#[test]
fn a_wrong_file_of_settings_is_an_error_before_anything_starts() {
    let config = folder("wrong").join("gollum.toml");
    std::fs::write(&config, "# ours\nmax-num-sequences = 3\n").expect("it can be written");
    let output = run(&["--config", &config.to_string_lossy()]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let expected = format!("error: {}:2: `max-num-sequences` is no setting", config.display());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn help_is_a_screen_and_help_all_is_everything() {
    let (brief, all) = (stdout(&["serve", "--help"]), stdout(&["--help-all"]));
    assert!(brief.lines().count() <= 40 && !brief.contains("--max-waiting"), "{brief}");
    assert!(brief.contains("serve --help-all") && brief.contains("--max-num-seqs"), "{brief}");
    assert!(all.contains("--max-waiting") && all.contains("GOLLUM_MAX_WAITING"), "{all}");
    assert_eq!(brief, stdout(&["help", "serve"]));
}

#[test]
fn shells_can_read_the_completions() {
    let dir = folder("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&["completions", shell]);
        for word in ["max-num-seqs", "help-all", "chat-template", "quantize"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
        let path = dir.join(shell);
        std::fs::write(&path, &script).expect("it can be written");
        if !["bash", "zsh", "fish"].contains(&shell) {
            continue;
        }
        match Command::new(shell).arg("-n").arg(&path).output() {
            Ok(checked) => {
                let errors = String::from_utf8_lossy(&checked.stderr);
                assert!(checked.status.success() && errors.is_empty(), "{shell}: {errors}");
            }
            Err(_) => println!("skipped: there is no {shell}"),
        }
    }
}

#[test]
fn the_manual_is_printed_and_written() {
    let page = stdout(&["man", "serve"]);
    assert!(page.contains(".TH gollum-serve 1") && page.contains("max\\-num\\-seqs"), "{page}");
    assert!(stdout(&["man"]).contains("gollum\\-quantize(1)"));
    let dir = folder("man").join("man1");
    stdout(&["man", "--dir", &dir.to_string_lossy()]);
    assert_eq!(std::fs::read_to_string(dir.join("gollum-serve.1")).expect("it was written"), page);
    assert!(!run(&["man", "dance"]).status.success());
}

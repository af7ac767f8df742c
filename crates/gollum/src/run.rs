//! `gollum run`: a chat in the terminal, or one answer to what is piped in.
//!
//! Ctrl-C stops the answer and not the program. A message of several lines is pasted, typed with Alt-Enter, or put
//! between `"""`.

use std::io::{IsTerminal, Read, Write};

use anyhow::{Context, bail};
use gollum_core::{FinishReason, SamplingParams};
use gollum_frontend::{ChatRequest, Frontend, GenerateOptions, Message, TextEvent};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::advice;
use crate::cli::RunArgs;
use crate::load::{self, Served, TOY_ID};
use crate::machine;
use crate::store::{Found, Shelf};
use crate::terminal::{Terminal, Typed};

/// Bytes of piped input, and of one message, at most.
const INPUT_MAX_BYTES: u64 = 8 << 20;
/// The role of the message that comes before all others.
const SYSTEM: &str = "system";
/// What marks the begin and end of a message of several lines.
const FENCE: &str = "\"\"\"";
/// Commands of the conversation, and what they do.
const COMMANDS: &[(&str, &str)] = &[
    ("/help", "shows this"),
    ("/clear", "forgets the conversation"),
    ("/system TEXT", "sets the system message and forgets the conversation; without TEXT: none"),
    ("/bye", "leaves; so does Ctrl-D"),
];
/// Keys and marks, beside the commands.
const KEYS: &[(&str, &str)] = &[
    ("\"\"\"", "begins and ends a message of several lines"),
    ("Alt-Enter", "begins another line of the message; a paste may have several too"),
    ("Up, Down", "earlier messages"),
    ("Ctrl-C", "stops the answer"),
];

/// Runs the verb.
pub fn run(args: &RunArgs) -> anyhow::Result<()> {
    let interactive = args.prompt.is_empty() && std::io::stdin().is_terminal();
    // Read before the model loads: an empty pipe needs no model.
    let single = if interactive { None } else { Some(single_prompt(&args.prompt.join(" "))?) };
    let found = find_model(args)?;
    if (interactive || found.is_none()) && args.model.as_deref() != Some(TOY_ID) {
        let models = found.as_slice();
        tell(advice::better_models(models, machine::free_bytes()).trim_end());
    }
    let served = load_model(args, found.as_ref())?;
    let chat = Chat {
        frontend: &served.frontend,
        options: options(args, served.frontend.default_sampling()),
        messages: args.system.iter().map(|text| Message::new(SYSTEM, text.as_str())).collect(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the event loop")?;
    let outcome = runtime.block_on(async {
        let interrupt = signal(SignalKind::interrupt()).context("cannot watch Ctrl-C")?;
        match single {
            Some(prompt) => answer_once(chat, interrupt, prompt).await,
            None => converse(chat, interrupt).await,
        }
    });
    // A thread that waits for a key cannot be woken; it ends with the process.
    runtime.shutdown_background();
    outcome
}

/// The model to ask; `None` is the toy.
fn find_model(args: &RunArgs) -> anyhow::Result<Option<Found>> {
    let shelf = Shelf::new(&args.models.models_dir);
    Ok(match args.model.as_deref() {
        Some(TOY_ID) => None,
        Some(name) => Some(shelf.resolve(name)?),
        None => shelf.scan()?.models.into_iter().next(),
    })
}

fn load_model(args: &RunArgs, found: Option<&Found>) -> anyhow::Result<Served> {
    match found {
        Some(found) => load::serve(found, &args.how, &mut |_| ()),
        None => load::toy(&args.how),
    }
}

fn options(args: &RunArgs, defaults: &SamplingParams) -> GenerateOptions {
    let sampling = SamplingParams { seed: args.how.engine.seed, ..defaults.clone() };
    GenerateOptions { sampling, max_tokens: args.max_tokens, ..GenerateOptions::default() }
}

/// The prompt of the command line, and after it what is piped in.
fn single_prompt(prompt: &str) -> anyhow::Result<String> {
    let mut piped = String::new();
    if !std::io::stdin().is_terminal() {
        let mut stdin = std::io::stdin().lock().take(INPUT_MAX_BYTES + 1);
        stdin.read_to_string(&mut piped).context("stdin is not UTF-8 text")?;
        if piped.len() as u64 > INPUT_MAX_BYTES {
            bail!("stdin is longer than {INPUT_MAX_BYTES} bytes");
        }
    }
    let parts: Vec<&str> = [prompt.trim(), piped.trim()].into_iter().filter(|p| !p.is_empty()).collect();
    if parts.is_empty() {
        bail!("there is nothing to answer: the prompt is empty");
    }
    Ok(parts.join("\n\n"))
}

struct Chat<'a> {
    frontend: &'a Frontend,
    options: GenerateOptions,
    messages: Vec<Message>,
}

/// How an answer ended.
#[derive(PartialEq, Eq)]
enum Ended {
    Complete,
    Cut(&'static str),
}

impl Chat<'_> {
    /// Asks and prints as the text comes. What was said stays in the conversation, also if it was stopped.
    async fn ask(&mut self, prompt: String, interrupt: &mut Signal) -> anyhow::Result<Ended> {
        self.messages.push(Message::new("user", prompt));
        let request = ChatRequest::new(self.messages.clone(), self.options.clone());
        let mut generation = match self.frontend.chat(request) {
            Ok(generation) => generation,
            Err(e) => {
                self.messages.pop();
                return Err(e.into());
            }
        };
        let mut printer = Printer::new();
        let ended = loop {
            let event = tokio::select! {
                event = generation.next() => event,
                _ = interrupt.recv() => break Ended::Cut("stopped"),
            };
            match event {
                Some(TextEvent::Delta { text, .. }) => printer.print(&text)?,
                // No tools are on offer here.
                Some(TextEvent::Calls { .. }) => {}
                Some(TextEvent::Finished { reason: FinishReason::Length, .. }) => {
                    break Ended::Cut("out of room");
                }
                Some(TextEvent::Finished { .. }) | None => break Ended::Complete,
                Some(TextEvent::Failed { error, .. }) => {
                    self.messages.pop();
                    return Err(error.into());
                }
            }
        };
        self.messages.push(Message::new("assistant", printer.finish()?));
        Ok(ended)
    }
}

/// Writes text as it comes, and keeps it.
struct Printer {
    text: String,
    to_terminal: bool,
}

impl Printer {
    fn new() -> Self {
        Self { text: String::new(), to_terminal: std::io::stdout().is_terminal() }
    }

    fn print(&mut self, text: &str) -> std::io::Result<()> {
        self.text.push_str(text);
        let mut out = std::io::stdout().lock();
        if self.to_terminal {
            out.write_all(without_controls(text).as_bytes())?;
        } else {
            out.write_all(text.as_bytes())?;
        }
        out.flush()
    }

    fn finish(self) -> std::io::Result<String> {
        let mut out = std::io::stdout().lock();
        if !self.text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(self.text)
    }
}

/// Text without characters that would steer the terminal.
fn without_controls(text: &str) -> String {
    text.chars().filter(|&c| c == '\n' || c == '\t' || !c.is_control()).collect()
}

async fn answer_once(mut chat: Chat<'_>, mut interrupt: Signal, prompt: String) -> anyhow::Result<()> {
    match chat.ask(prompt, &mut interrupt).await? {
        Ended::Cut("stopped") => bail!("stopped"),
        _ => Ok(()),
    }
}

async fn converse(mut chat: Chat<'_>, mut interrupt: Signal) -> anyhow::Result<()> {
    let mut terminal = Terminal::open(COMMANDS.iter().map(|(usage, _)| name_of(usage)).collect())?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot watch SIGTERM")?;
    tell(&format!("{} is ready; /help tells what else there is", chat.frontend.model_id()));
    loop {
        let message = tokio::select! {
            message = next_message(&mut terminal, &mut interrupt) => message?,
            _ = terminate.recv() => bail!("ended by SIGTERM"),
        };
        let Some(message) = message else { return Ok(()) };
        if message.trim().is_empty() {
            continue;
        }
        terminal.remember(message.trim_end());
        if let Some(command) = command_of(&message) {
            if chat.obey(command) {
                return Ok(());
            }
            continue;
        }
        match chat.ask(message, &mut interrupt).await {
            Ok(Ended::Complete) => {}
            Ok(Ended::Cut(why)) => tell(&format!("({why})")),
            Err(e) => tell(&format!("error: {e:#}; /clear begins anew")),
        }
    }
}

/// A message that is a command: one line that begins with one of the names, or is one word after a slash. A path
/// in a question, such as `/etc/hosts is what?`, is none.
fn command_of(message: &str) -> Option<&str> {
    let message = message.trim();
    let word = message.split_whitespace().next().unwrap_or_default();
    let is_known = || COMMANDS.iter().any(|(usage, _)| name_of(usage) == word);
    let is_command = message.starts_with('/') && !message.contains('\n') && (word == message || is_known());
    is_command.then_some(message)
}

/// `/system` of `/system TEXT`.
fn name_of(usage: &'static str) -> &'static str {
    usage.split_once(' ').map_or(usage, |(name, _)| name)
}

/// What `/help` shows.
fn help() -> String {
    let rows = COMMANDS.iter().chain(KEYS);
    rows.map(|(what, does)| format!("{what:12}  {does}")).collect::<Vec<_>>().join("\n")
}

impl Chat<'_> {
    /// Does what a command says. True: leave.
    fn obey(&mut self, command: &str) -> bool {
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        match name {
            "/bye" | "/exit" | "/quit" => return true,
            "/clear" => {
                self.messages.retain(|message| message.role == SYSTEM);
                tell("the conversation is forgotten");
            }
            "/system" => {
                let text = rest.trim();
                self.messages = Vec::from_iter((!text.is_empty()).then(|| Message::new(SYSTEM, text)));
                tell(if text.is_empty() {
                    "there is no system message now"
                } else {
                    "the system message is set"
                });
            }
            "/help" | "/?" => tell(&help()),
            other => tell(&format!("{other} is not known; /help tells what is")),
        }
        false
    }
}

/// The next message: a line, the lines of a paste, or those between two fences. `None` at the end of the input.
/// Ctrl-C throws away what was typed.
async fn next_message(terminal: &mut Terminal, interrupt: &mut Signal) -> anyhow::Result<Option<String>> {
    let mut message = Collector::default();
    loop {
        let prompt = if message.is_open() { "... " } else { ">>> " };
        let typed = tokio::select! {
            typed = terminal.ask(prompt) => typed?,
            _ = interrupt.recv() => Typed::Interrupt,
        };
        match typed {
            Typed::Text(text) if (message.len() + text.len()) as u64 > INPUT_MAX_BYTES => {
                message = Collector::default();
                tell(&format!("error: a message has {INPUT_MAX_BYTES} bytes at most; it was thrown away"));
            }
            Typed::Text(text) => {
                if let Some(message) = message.add(&text) {
                    return Ok(Some(message));
                }
            }
            Typed::Interrupt => {
                message = Collector::default();
                tell("(/bye leaves)");
            }
            Typed::NotText => {
                message = Collector::default();
                tell("error: that is not UTF-8 text, and was thrown away; is the terminal set to UTF-8?");
            }
            Typed::End if message.is_open() => bail!("the input ends inside a message: {FENCE} is missing"),
            Typed::End => return Ok(None),
            Typed::Failed(why) => bail!("{why}"),
        }
    }
}

/// Gathers a message from lines.
#[derive(Default)]
struct Collector {
    fenced: Option<String>,
}

impl Collector {
    fn is_open(&self) -> bool {
        self.fenced.is_some()
    }

    /// Bytes gathered so far.
    fn len(&self) -> usize {
        self.fenced.as_ref().map_or(0, String::len)
    }

    /// The message, if this line completes one.
    fn add(&mut self, line: &str) -> Option<String> {
        match &mut self.fenced {
            None => match line.trim_start().strip_prefix(FENCE) {
                None => Some(line.to_owned()),
                Some(rest) => match rest.strip_suffix(FENCE) {
                    Some(whole) => Some(whole.to_owned()),
                    None => {
                        self.fenced = Some(if rest.is_empty() { String::new() } else { format!("{rest}\n") });
                        None
                    }
                },
            },
            Some(text) => match line.trim_end().strip_suffix(FENCE) {
                Some(last) => {
                    text.push_str(last);
                    self.fenced.take()
                }
                None => {
                    text.push_str(line);
                    text.push('\n');
                    None
                }
            },
        }
    }
}

/// A line for the person, beside the answers.
#[allow(clippy::print_stderr)]
fn tell(text: &str) {
    if !text.is_empty() {
        eprintln!("{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_gathered() {
        let check = |lines: &[&str], expected: &[&str]| {
            let mut collector = Collector::default();
            let got: Vec<String> = lines.iter().filter_map(|line| collector.add(line)).collect();
            assert_eq!(got, expected, "{lines:?}");
        };
        check(&["one", "two"], &["one", "two"]);
        check(&["\"\"\"", "a", "  b", "\"\"\"", "c"], &["a\n  b\n", "c"]);
        check(&["\"\"\"a", "b\"\"\""], &["a\nb"]);
        check(&["\"\"\"a\"\"\""], &["a"]);
        check(&["\"\"\"never closed"], &[]);
        check(&["pasted\nlines"], &["pasted\nlines"]);
        check(&["\"\"\"pasted\nlines\"\"\""], &["pasted\nlines"]);
    }

    #[test]
    fn commands_are_told_from_messages() {
        let check =
            |message: &str, expected: Option<&str>| assert_eq!(command_of(message), expected, "{message:?}");
        check(" /help ", Some("/help"));
        check("/nonsense", Some("/nonsense"));
        check("/system be brief", Some("/system be brief"));
        check("/etc/hosts is what?", None);
        check("/clear\nis a command", None);
        check("hello", None);
        assert!(COMMANDS.iter().all(|(usage, does)| help().contains(usage) && help().contains(does)));
    }

    #[test]
    fn answers_cannot_steer_the_terminal() {
        assert_eq!(without_controls("a\u{1b}[2Jb\n\tc\u{7}\u{9b}"), "a[2Jb\n\tc");
    }
}

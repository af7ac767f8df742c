//! The line editor of `gollum run`: history, editing, pastes of several lines as one message, completion of
//! commands.
//!
//! ```text
//! conversation --Ask(prompt)--> thread: rustyline in raw mode --Typed--> conversation
//!              --Remember-----> its history, for this process only
//! ```
//! Between two questions the terminal is as it was, so that Ctrl-C during an answer is a signal.

use std::io::Write;
use std::sync::mpsc as thread_channel;

use anyhow::{Context as _, bail};
use nix::sys::termios::{self, FlushArg, SetArg, Termios};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Behavior, Cmd, Config, Context, Editor, Helper, KeyCode, KeyEvent, Modifiers};
use tokio::sync::mpsc;

/// Messages that the history holds at most.
const HISTORY_MAX: usize = 1000;
/// Ends the marks that terminals put around pastes.
const PASTE_MARKS_OFF: &[u8] = b"\x1b[?2004l";

/// What a person did at the prompt.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// A line, or the lines of a paste.
    Text(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line, or the end of a file.
    End,
    /// Bytes that are not UTF-8. What was typed before and after them is thrown away.
    NotText,
    /// The terminal cannot be read any more.
    Failed(String),
}

enum Request {
    Ask(&'static str),
    Remember(String),
}

/// The terminal of this process, with an editor on a thread of its own.
pub struct Terminal {
    requests: thread_channel::Sender<Request>,
    typed: mpsc::Receiver<Typed>,
    /// True while the editor waits for a line.
    asked: bool,
    /// The terminal's settings before the editor changed them.
    settings: Option<Termios>,
}

impl Terminal {
    /// Starts the editor. `commands` are completed by the tab key.
    pub fn open(commands: Vec<&'static str>) -> anyhow::Result<Self> {
        let settings = termios::tcgetattr(std::io::stdin()).ok();
        let mut editor = editor(commands)?;
        let (requests, asked) = thread_channel::channel();
        let (sender, typed) = mpsc::channel(1);
        let answer = move || {
            for request in asked {
                let typed = match request {
                    Request::Remember(message) => {
                        // A history that is full or repeats itself drops entries; that is no failure.
                        let _ = editor.add_history_entry(message);
                        continue;
                    }
                    Request::Ask(prompt) => read(&mut editor, prompt),
                };
                if sender.blocking_send(typed).is_err() {
                    break;
                }
            }
        };
        std::thread::Builder::new()
            .name("gollum-terminal".to_owned())
            .spawn(answer)
            .context("cannot start the thread that reads the terminal")?;
        Ok(Self { requests, typed, asked: false, settings })
    }

    /// The next line. May be dropped and called again: the editor goes on with what was typed so far.
    pub async fn ask(&mut self, prompt: &'static str) -> anyhow::Result<Typed> {
        if !self.asked {
            self.requests.send(Request::Ask(prompt)).context("the line editor has ended")?;
            self.asked = true;
        }
        let typed = self.typed.recv().await;
        self.asked = false;
        match typed {
            Some(Typed::Failed(why)) => bail!("the terminal cannot be read: {why}"),
            Some(typed) => Ok(typed),
            None => bail!("the line editor has ended"),
        }
    }

    /// Puts a message into the history.
    pub fn remember(&self, message: &str) {
        // Without an editor there is no history, and the next question says so.
        let _ = self.requests.send(Request::Remember(message.to_owned()));
    }
}

impl Drop for Terminal {
    /// A thread that waits for a key cannot be woken: what it would restore is restored here.
    fn drop(&mut self) {
        if let (true, Some(settings)) = (self.asked, &self.settings) {
            // The process ends: there is nothing to do about a terminal that is gone.
            let _ = termios::tcsetattr(std::io::stdin(), SetArg::TCSANOW, settings);
            let mut out = std::io::stdout().lock();
            let _ =
                out.write_all(PASTE_MARKS_OFF).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
        }
    }
}

type CommandEditor = Editor<Commands, DefaultHistory>;

fn editor(commands: Vec<&'static str>) -> anyhow::Result<CommandEditor> {
    let config = Config::builder().max_history_size(HISTORY_MAX).context("a history has a size")?;
    // Prompts are for the person, answers may go to a file.
    let to_terminal = std::io::IsTerminal::is_terminal(&std::io::stdout());
    let behavior = if to_terminal { Behavior::Stdio } else { Behavior::PreferTerm };
    let config = config.behavior(behavior).auto_add_history(false).build();
    let mut editor: CommandEditor =
        Editor::with_config(config).context("cannot edit lines on this terminal")?;
    editor.set_helper(Some(Commands(commands)));
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
    Ok(editor)
}

fn read(editor: &mut CommandEditor, prompt: &str) -> Typed {
    match editor.readline(prompt) {
        Ok(text) => Typed::Text(text),
        Err(ReadlineError::Interrupted) => Typed::Interrupt,
        Err(ReadlineError::Eof) => Typed::End,
        Err(ReadlineError::Io(e)) if e.kind() == std::io::ErrorKind::InvalidData => {
            // The rest of the line would be taken for a message of its own.
            let _ = termios::tcflush(std::io::stdin(), FlushArg::TCIFLUSH);
            Typed::NotText
        }
        Err(e) => Typed::Failed(e.to_string()),
    }
}

/// Completes the names of commands.
struct Commands(Vec<&'static str>);

impl Completer for Commands {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let begun = &line[..at];
        let fitting = self.0.iter().filter(|name| begun.starts_with('/') && name.starts_with(begun));
        Ok((0, fitting.map(|name| (*name).to_owned()).collect()))
    }
}

impl Hinter for Commands {
    type Hint = String;
}
impl Highlighter for Commands {}
impl Validator for Commands {}
impl Helper for Commands {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_completed_and_nothing_else() {
        let commands = Commands(vec!["/clear", "/help"]);
        let history = DefaultHistory::new();
        let check = |line: &str, expected: &[&str]| {
            let (from, found) =
                commands.complete(line, line.len(), &Context::new(&history)).expect("no failure");
            assert_eq!(
                (from, found.as_slice()),
                (0, expected.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().as_slice())
            );
        };
        check("/", &["/clear", "/help"]);
        check("/he", &["/help"]);
        check("", &[]);
        check("help", &[]);
        check("/x", &[]);
    }
}

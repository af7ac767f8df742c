//! Flags that say how conversations become prompts.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use gollum_frontend::{ChatTemplate, MAX_SOURCE_BYTES, TemplateTokens, check_template_kwargs};
use serde_json::{Map, Value};

/// How conversations become prompts, where the file's own way is not wanted.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Model")]
pub struct ChatArgs {
    /// File with a chat template (Jinja) to take in place of the model's own.
    #[arg(long, alias = "chat-template-file", env = "GOLLUM_CHAT_TEMPLATE", value_parser = template, value_name = "FILE")]
    pub chat_template: Option<TemplateText>,
    /// Variables for the chat template where a request does not set them, such as {"enable_thinking":false}.
    #[arg(long, alias = "default-chat-template-kwargs", env = "GOLLUM_CHAT_TEMPLATE_KWARGS", value_parser = kwargs, value_name = "JSON")]
    pub chat_template_kwargs: Option<TemplateKwargs>,
}

/// What a file with a chat template holds. It is read once, at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateText(pub Arc<str>);

/// Variables of a chat template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateKwargs(pub Map<String, Value>);

fn template(path: &str) -> Result<TemplateText, String> {
    let mut text = String::new();
    let file = std::fs::File::open(Path::new(path)).map_err(|e| format!("cannot be read: {e}"))?;
    let limit = MAX_SOURCE_BYTES as u64 + 1;
    file.take(limit).read_to_string(&mut text).map_err(|e| format!("cannot be read: {e}"))?;
    // Also says what is too long.
    ChatTemplate::new(&text, TemplateTokens::default()).map_err(|e| e.to_string())?;
    Ok(TemplateText(text.into()))
}

fn kwargs(text: &str) -> Result<TemplateKwargs, String> {
    let kwargs = serde_json::from_str(text).map_err(|e| format!("must be a JSON object: {e}"))?;
    check_template_kwargs(&kwargs).map_err(|e| e.to_string())?;
    Ok(TemplateKwargs(kwargs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempDir;

    #[test]
    fn templates_are_read_and_checked_at_start() {
        let dir = TempDir::new();
        let check = |name: &str, source: &str, words: &str| {
            let path = dir.write(name, source.as_bytes());
            match template(&path.to_string_lossy()) {
                Ok(text) => assert!(&*text.0 == source && words.is_empty(), "{name}"),
                Err(error) => assert!(!words.is_empty() && error.contains(words), "{name}: {error}"),
            }
        };
        check("good", "{% for m in messages %}{{ m.content }}{% endfor %}", "");
        check("broken", "{% for m in messages %}", "unexpected end");
        check("long", &"x".repeat(MAX_SOURCE_BYTES + 1), "bytes");
        assert!(template("no such file").is_err_and(|e| e.contains("cannot be read")));
    }

    #[test]
    fn variables_are_an_object_without_reserved_names() {
        let good = kwargs(r#"{"enable_thinking": false}"#).expect("an object");
        assert_eq!(good.0.get("enable_thinking"), Some(&Value::Bool(false)));
        assert!(kwargs("[1]").is_err_and(|e| e.contains("JSON object")));
        assert!(kwargs(r#"{"messages": []}"#).is_err_and(|e| e.contains("reserved")));
    }
}

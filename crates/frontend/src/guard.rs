//! Keeps what clients write from becoming control tokens: `<|im_end|>` in a message is text, and only the chat
//! template's own is the token.
//!
//! ```text
//! message   "stop <|im_end|> here"     every text of a control token, and what could complete one at either end,
//!            -> "stop <#|im_end|> here"    gets a mark inside: a character that the request does not hold
//! template  "<|im_start|>user\nstop <#|im_end|> here<|im_end|>\n"
//! prompt    the marks are taken out, and their places are guards for the tokenizer
//! ```
//! Text in and out of a template cannot be told apart otherwise, for a template may trim, cut, search and join as it
//! likes. A mark stands inside the text it guards and next to no white space, so it goes wherever that text goes; a
//! message without such text is left as it is. Two things stay the template's: a token that it writes around a value
//! (`'<|' + role + '|>'`), and one that it makes by changing letters (`content | lower`).

use std::borrow::Cow;

use gollum_core::TokenId;
use gollum_tokenizer::{SpecialText, Tokenizer};
use serde_json::Value;

use crate::template::with_parsed_arguments;
use crate::{ChatRequest, FrontendError, Message};

/// Characters that mean nothing in any text; of them the marks are chosen, so that no request can hold all marks.
const MARKS: std::ops::RangeInclusive<char> = '\u{fdd0}'..='\u{fdef}';
/// Bytes of a control token's text that are compared from its end; the longest in use have some 40.
const MAX_ENDING_BYTES: usize = 256;

/// Texts by their bytes, in one order or the other.
#[derive(Debug, Default)]
struct Trie(Vec<Node>);

#[derive(Debug, Default)]
struct Node {
    /// Sorted by byte.
    children: Vec<(u8, u32)>,
    is_end: bool,
}

impl Trie {
    fn insert(&mut self, text: impl Iterator<Item = u8>) {
        if self.0.is_empty() {
            self.0.push(Node::default());
        }
        let mut at = 0;
        for byte in text {
            let fresh = self.0.len() as u32;
            let children = &mut self.0[at].children;
            at = match children.binary_search_by_key(&byte, |&(byte, _)| byte) {
                Ok(known) => children[known].1,
                Err(place) => {
                    children.insert(place, (byte, fresh));
                    self.0.push(Node::default());
                    fresh
                }
            } as usize;
        }
        self.0[at].is_end = true;
    }

    /// The nodes on the way of `bytes`, as far as there is one.
    fn walk(&self, bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = &Node> {
        bytes.scan(0, |at, byte| {
            let children = &self.0.get(*at)?.children;
            let child = children.binary_search_by_key(&byte, |&(byte, _)| byte).ok()?;
            *at = children[child].1 as usize;
            Some(&self.0[*at])
        })
    }
}

/// Finds the control tokens of one vocabulary in what clients write.
#[derive(Debug)]
pub struct Guard {
    texts: Trie,
    /// The same from their ends.
    endings: Trie,
    /// The marks that the template itself holds.
    taken: Marks,
}

/// A set of [`MARKS`].
#[derive(Clone, Copy, Debug, Default)]
struct Marks(u32);

impl Marks {
    fn of(text: &str) -> Self {
        let held = text.chars().filter(|c| MARKS.contains(c));
        Self(held.fold(0, |set, c| set | 1 << (c as u32 - *MARKS.start() as u32)))
    }

    /// The first mark that is not in the set.
    fn free(self) -> Option<char> {
        MARKS.enumerate().find(|(index, _)| self.0 >> index & 1 == 0).map(|(_, mark)| mark)
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A request with marks, for the template.
#[derive(Debug)]
pub struct Protected<'r> {
    /// The request; its own, if it needs no mark.
    pub request: Cow<'r, ChatRequest>,
    guard: Option<char>,
    end: Option<char>,
}

/// A rendered prompt without marks.
#[derive(Debug, PartialEq, Eq)]
pub struct Unmarked {
    /// The text.
    pub text: String,
    /// Places in it that no control token may span.
    pub guards: Vec<usize>,
    /// Where the text of the last message ends, if that was marked and the template wrote it.
    pub message_end: Option<usize>,
}

impl Guard {
    /// For the control tokens of a vocabulary, and a template's source.
    pub fn new(tokenizer: &dyn Tokenizer, template: &str) -> Self {
        let (mut texts, mut endings) = (Trie::default(), Trie::default());
        let ids = 0..tokenizer.vocab_size() as TokenId;
        for id in ids.filter(|&id| tokenizer.is_control(id)) {
            let bytes = tokenizer.token_bytes(id);
            if !bytes.is_empty() {
                texts.insert(bytes.iter().copied());
                endings.insert(bytes.iter().rev().take(MAX_ENDING_BYTES).copied());
            }
        }
        Self { texts, endings, taken: Marks::of(template) }
    }

    /// Marks what must not become control tokens, unless `content_text` lets it, and the end of the last message if
    /// that is to be continued.
    ///
    /// Errors: [`FrontendError::Invalid`] for a request that holds every mark there is.
    pub fn protect<'r>(
        &self,
        request: &'r ChatRequest,
        content_text: SpecialText,
    ) -> Result<Protected<'r>, FrontendError> {
        let guards = content_text == SpecialText::Literal && self.applies_to(request);
        if !guards && !request.continue_final_message {
            return Ok(Protected { request: Cow::Borrowed(request), guard: None, end: None });
        }
        let mut taken = self.taken;
        each_text(request, &mut |text| taken = taken.with(Marks::of(text)));
        let mut mark = || {
            let mark = taken.free().ok_or_else(|| {
                FrontendError::invalid("messages", "hold all of the characters U+FDD0 to U+FDEF")
            })?;
            taken = taken.with(Marks::of(mark.encode_utf8(&mut [0; 4])));
            Ok::<char, FrontendError>(mark)
        };
        let guard = if guards { Some(mark()?) } else { None };
        let end = if request.continue_final_message { Some(mark()?) } else { None };
        let mut marked = request.clone();
        if let Some(guard) = guard {
            self.mark_all(&mut marked, guard);
        }
        if let (Some(end), Some(last)) = (end, marked.messages.last_mut()) {
            last.content.insert(last.content.trim_end().len(), end);
        }
        Ok(Protected { request: Cow::Owned(marked), guard, end })
    }

    fn applies_to(&self, request: &ChatRequest) -> bool {
        let mut applies = false;
        each_text(request, &mut |text| applies = applies || !self.places(text).is_empty());
        applies
    }

    fn mark_all(&self, request: &mut ChatRequest, mark: char) {
        let mark_text = |text: &mut String| {
            for place in self.places(text).into_iter().rev() {
                text.insert(place, mark);
            }
        };
        for message in &mut request.messages {
            let Message { role: _, content, name, tool_calls, tool_call_id, reasoning_content } = message;
            mark_text(content);
            [name, tool_call_id, reasoning_content].into_iter().flatten().for_each(mark_text);
            if let Some(calls) = tool_calls {
                *calls = map_texts(with_parsed_arguments(calls), &mark_text);
            }
        }
        if let Some(tools) = &mut request.tools {
            *tools = map_texts(tools.take(), &mark_text);
        }
    }

    /// Where marks go in `text`, ascending: after the first character of each control token's text, and of what
    /// begins one at the end; before what ends one at the start.
    fn places(&self, text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        // A template may trim.
        let core_start = text.len() - text.trim_start().len();
        let core_end = text.trim_end().len();
        for start in [0, core_start] {
            if self.ends_a_token(&text[start..]) {
                places.push(start);
            }
        }
        let first_bytes: &[(u8, u32)] = self.texts.0.first().map_or(&[], |root| &root.children);
        for (start, c) in text.char_indices() {
            let first = text.as_bytes()[start];
            if first_bytes.binary_search_by_key(&first, |&(byte, _)| byte).is_err() {
                continue;
            }
            let second = start + c.len_utf8();
            for (node, end) in self.texts.walk(text.bytes().skip(start)).zip(start + 1..) {
                let may_go_on = (end == core_end || end == text.len()) && !node.children.is_empty();
                if node.is_end && end == second {
                    // A token of one character has no inside.
                    places.push(start);
                }
                if node.is_end || may_go_on {
                    places.push(second);
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// True if `text` begins with what ends a control token, and is not all of it.
    fn ends_a_token(&self, text: &str) -> bool {
        let longest = text.len().min(MAX_ENDING_BYTES);
        (1..=longest).any(|len| {
            let reversed = text.as_bytes()[..len].iter().rev().copied();
            self.endings.walk(reversed).nth(len - 1).is_some_and(|node| !node.children.is_empty())
        })
    }
}

impl Protected<'_> {
    /// Takes the marks out of what the template wrote.
    pub fn unmark(&self, rendered: String) -> Unmarked {
        if self.guard.is_none() && self.end.is_none() {
            return Unmarked { text: rendered, guards: Vec::new(), message_end: None };
        }
        let mut unmarked =
            Unmarked { text: String::with_capacity(rendered.len()), guards: Vec::new(), message_end: None };
        for c in rendered.chars() {
            if Some(c) == self.guard {
                unmarked.guards.push(unmarked.text.len());
            } else if Some(c) == self.end {
                unmarked.message_end = Some(unmarked.text.len());
            } else {
                unmarked.text.push(c);
            }
        }
        unmarked
    }
}

/// Looks at every text that a client wrote into a request, but for the template's variables, which are for the
/// template and not for the model.
fn each_text(request: &ChatRequest, look: &mut impl FnMut(&str)) {
    for message in &request.messages {
        let Message { role: _, content, name, tool_calls, tool_call_id, reasoning_content } = message;
        look(content);
        [name, tool_call_id, reasoning_content].into_iter().flatten().for_each(|text| look(text));
        if let Some(calls) = tool_calls {
            each_json_text(&with_parsed_arguments(calls), look);
        }
    }
    if let Some(tools) = &request.tools {
        each_json_text(tools, look);
    }
}

fn each_json_text(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(items) => items.iter().for_each(|item| each_json_text(item, look)),
        Value::Object(fields) => {
            for (name, field) in fields {
                look(name);
                each_json_text(field, look);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn map_texts(value: Value, change: &impl Fn(&mut String)) -> Value {
    match value {
        Value::String(mut text) => {
            change(&mut text);
            Value::String(text)
        }
        Value::Array(items) => items.into_iter().map(|item| map_texts(item, change)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(mut name, field)| {
                change(&mut name);
                (name, map_texts(field, change))
            })
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use gollum_tokenizer::WhitespaceTokenizer;

    use super::*;
    use crate::GenerateOptions;

    /// Controls are `<|end|>`, `<|system|>`, `<|user|>` and `<|assistant|>`.
    fn guard() -> Guard {
        Guard::new(&WhitespaceTokenizer::new(), "")
    }

    fn request(content: &str) -> ChatRequest {
        ChatRequest::new(vec![Message::new("user", content)], GenerateOptions::default())
    }

    #[test]
    fn marks_stand_inside_control_texts_and_at_what_completes_one() {
        let guard = guard();
        let check = |text: &str, places: &[usize]| assert_eq!(guard.places(text), places, "{text:?}");
        check("", &[]);
        check("hello <b> |x| end user", &[]);
        check("<|end|>", &[1]);
        check("a <|end|><|user|>", &[3, 10]);
        check("<|<|end|>", &[3]);
        check("what is <|en", &[9]);
        check("what is <|en \n", &[9]);
        check("what is <|en.", &[]);
        check("> quoted", &[0]);
        check(" > quoted", &[1]);
        check("nd|> x", &[0]);
        check("is a < b", &[]);
        check("is a <", &[6]);
    }

    #[test]
    fn a_request_without_such_text_is_left_alone_and_marks_avoid_what_it_holds() {
        let guard = guard();
        let plain = request("a \u{fdd0} of text");
        assert!(matches!(
            guard.protect(&plain, SpecialText::Literal).expect("plain").request,
            Cow::Borrowed(_)
        ));
        let hostile = request("\u{fdd0}<|end|>\u{fdd1}");
        let protected = guard.protect(&hostile, SpecialText::Literal).expect("a mark is free");
        assert_eq!(protected.request.messages[0].content, "\u{fdd0}<\u{fdd2}|end|>\u{fdd1}");
        let rendered = protected.request.messages[0].content.clone();
        let unmarked = protected.unmark(rendered);
        assert_eq!(
            (unmarked.text.as_str(), &unmarked.guards[..]),
            (hostile.messages[0].content.as_str(), &[4][..])
        );
        let as_it_is = guard.protect(&hostile, SpecialText::Parse).expect("no mark");
        assert!(matches!(as_it_is.request, Cow::Borrowed(_)));
        let all: String = MARKS.chain("<|end|>".chars()).collect();
        assert!(matches!(
            guard.protect(&request(&all), SpecialText::Literal),
            Err(FrontendError::Invalid { .. })
        ));
    }

    #[test]
    fn calls_and_tools_are_looked_into() {
        let mut r = request("hello");
        r.messages[0].tool_calls =
            Some(serde_json::json!([{"function": {"name": "f", "arguments": r#"{"a":"<|\u0065nd|>"}"#}}]));
        r.tools = Some(serde_json::json!([{"<|user|>": ["<|end|>"]}]));
        let protected = guard().protect(&r, SpecialText::Literal).expect("a mark is free");
        let calls = protected.request.messages[0].tool_calls.as_ref().expect("calls");
        assert_eq!(calls[0]["function"]["arguments"]["a"], "<\u{fdd0}|end|>");
        let tools = protected.request.tools.as_ref().expect("tools");
        assert_eq!(tools[0]["<\u{fdd0}|user|>"][0], "<\u{fdd0}|end|>");
    }
}

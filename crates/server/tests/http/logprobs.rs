//! Log-probabilities of `/v1/completions`: one entry per token whatever its bytes, each with its own number and
//! its place in the text.

use gollum_tokenizer::{Tokenizer, WhitespaceTokenizer};
use serde_json::{Value, json};

use crate::world::{Setup, World};

const COMPLETIONS: &str = "/v1/completions";

/// A model that writes any byte at any time, and so hardly ever a whole character.
fn world_of_bytes() -> World {
    let words = WhitespaceTokenizer::new().word_count() as u32;
    let mut setup = Setup::default();
    setup.toy.model.answers = 2 * words..2 * words + 256;
    World::start(setup)
}

/// Text and lists of one answer, joined over all chunks.
#[derive(Debug, Default, PartialEq)]
pub struct Scored {
    pub text: String,
    pub tokens: Vec<String>,
    pub logprobs: Vec<Option<f64>>,
    pub top: Vec<Value>,
    pub offsets: Vec<usize>,
}

impl Scored {
    pub fn add(&mut self, choice: &Value) {
        self.text += choice["text"].as_str().expect("text");
        let list = |name: &str| choice["logprobs"][name].as_array().cloned().unwrap_or_default();
        self.tokens.extend(list("tokens").iter().map(|token| token.as_str().expect("text").to_owned()));
        self.logprobs.extend(list("token_logprobs").iter().map(Value::as_f64));
        self.top.extend(list("top_logprobs"));
        self.offsets.extend(list("text_offset").iter().map(|at| at.as_u64().expect("a number") as usize));
    }
}

fn whole(world: &World, body: &Value) -> Scored {
    let mut scored = Scored::default();
    let value = world.client().post(COMPLETIONS, body).json();
    scored.add(&value["choices"][0]);
    scored
}

fn streamed(world: &World, body: &Value) -> Scored {
    let mut body = body.clone();
    body["stream"] = json!(true);
    let mut scored = Scored::default();
    let events = world.client().post(COMPLETIONS, &body).events();
    for event in events.iter().filter(|event| *event != "[DONE]") {
        let chunk: Value = serde_json::from_str(event).expect("JSON");
        chunk["choices"].as_array().expect("a list").iter().for_each(|choice| scored.add(choice));
    }
    scored
}

/// The bytes of a token as this API spells it.
fn bytes_of(token: &str) -> Vec<u8> {
    match token.strip_prefix("bytes:") {
        None => token.as_bytes().to_vec(),
        Some(escaped) => {
            let hex = escaped.split("\\x").skip(1);
            hex.map(|digits| u8::from_str_radix(digits, 16).expect("two digits")).collect()
        }
    }
}

#[test]
fn tokens_that_are_no_characters_have_their_own_entries_numbers_and_places() {
    let world = world_of_bytes();
    for seed in 1..=5 {
        let body =
            json!({"prompt": "😀😁😂", "max_tokens": 120, "logprobs": 10, "seed": seed, "temperature": 0.7});
        let scored = whole(&world, &body);
        assert_eq!(scored.tokens.len(), 120);
        assert!(scored.tokens.iter().any(|token| token.starts_with("bytes:\\x")), "{:?}", scored.tokens);
        for ((token, logprob), top) in scored.tokens.iter().zip(&scored.logprobs).zip(&scored.top) {
            let top = top.as_object().expect("an object");
            assert!(matches!(top.len(), 10 | 11), "{} entries for {token:?}", top.len());
            assert_eq!(top[token].as_f64(), *logprob, "{token:?} has its own number");
        }
        let bytes: Vec<u8> = scored.tokens.iter().flat_map(|token| bytes_of(token)).collect();
        assert_eq!(scored.text, String::from_utf8_lossy(&bytes), "the tokens are the text");
        let chars: Vec<char> = scored.text.chars().collect();
        let mut before = Vec::new();
        for (token, &offset) in scored.tokens.iter().zip(&scored.offsets) {
            // What the text would be if it ended here: all but a character that is not whole yet.
            let so_far = String::from_utf8_lossy(&before);
            let whole = match std::str::from_utf8(&before) {
                Err(cut) if cut.error_len().is_none() => so_far.chars().count() - 1,
                _ => so_far.chars().count(),
            };
            assert!(offset.abs_diff(whole) <= 1, "{token:?} at {offset}, after {whole} characters");
            assert!(offset <= chars.len());
            before.extend(bytes_of(token));
        }
        assert!(scored.offsets.is_sorted(), "{:?}", scored.offsets);
        assert_eq!(streamed(&world, &body), scored, "streamed or not");
    }
}

#[test]
fn an_emoji_of_four_tokens_has_one_place() {
    let tokenizer = WhitespaceTokenizer::new();
    let first_byte = 2 * tokenizer.word_count();
    let world = world_of_bytes();
    for (byte, spelled) in [(0xf0_usize, "bytes:\\xf0"), (0x41, "A")] {
        let token = first_byte + byte;
        assert_eq!(tokenizer.token_bytes(token as u32), [byte as u8]);
        let body = json!({"prompt": "x", "max_tokens": 3, "logprobs": 1, "temperature": 0,
            "logit_bias": {token.to_string(): 100}});
        let scored = whole(&world, &body);
        assert_eq!(scored.tokens, [spelled; 3]);
        assert_eq!(scored.top[0][spelled].as_f64(), scored.logprobs[0], "the chosen one is listed");
    }
}

#[test]
fn offsets_count_the_echoed_prompt_and_end_before_a_stop_string() {
    let world = World::start(Setup::default());
    let plain = json!({"prompt": "time", "max_tokens": 12, "logprobs": 1, "temperature": 0});
    let all = whole(&world, &plain);
    let stop = all.tokens[6].trim();
    let cut = all.text.find(stop).expect("it is there");
    for body in [
        json!({"prompt": "time", "max_tokens": 12, "logprobs": 1, "temperature": 0, "stop": stop}),
        json!({"prompt": "time", "max_tokens": 12, "logprobs": 1, "temperature": 0, "stop_sequences": [stop]}),
    ] {
        let scored = whole(&world, &body);
        assert_eq!(scored.text, all.text[..cut]);
        assert!(scored.offsets.iter().all(|&offset| offset < cut), "{scored:?}");
        assert_eq!(streamed(&world, &body), scored);
    }
}

/// Ids of a text, as a client that scores sends them.
fn ids(world: &World, text: &str) -> Vec<u64> {
    let value = world.client().post("/tokenize", &json!({"prompt": text})).json();
    value["tokens"].as_array().expect("a list").iter().map(|id| id.as_u64().expect("an id")).collect()
}

#[test]
fn an_echoed_prompt_is_scored_like_an_answer() {
    let world = World::start(Setup::default());
    // What the model says to "time", and the numbers it says it with.
    let said = whole(&world, &json!({"prompt": "time", "max_tokens": 40, "logprobs": 2, "temperature": 0}));
    let text = format!("time{}", said.text);
    let tokens = ids(&world, &text);
    for prompt in [json!(text), json!(tokens)] {
        for max_tokens in [0, 1] {
            let body = json!({"prompt": prompt, "echo": true, "logprobs": 2, "max_tokens": max_tokens,
                "temperature": 0, "seed": 1234});
            let scored = whole(&world, &body);
            assert!(scored.text.starts_with(&text), "{scored:?}");
            assert_eq!(scored.tokens.len(), tokens.len() + max_tokens);
            assert_eq!((scored.logprobs[0], &scored.top[0]), (None, &Value::Null), "nothing precedes it");
            let prompts_own = scored.tokens.len() - said.tokens.len() - max_tokens;
            let answer = prompts_own..prompts_own + said.tokens.len();
            assert_eq!(scored.tokens[answer.clone()], said.tokens);
            assert_eq!(scored.logprobs[answer.clone()], said.logprobs, "the very same numbers");
            assert_eq!(scored.top[answer], said.top);
            for (token, &offset) in scored.tokens.iter().zip(&scored.offsets) {
                assert!(scored.text[offset..].starts_with(token.as_str()), "{token:?} at {offset}");
            }
            assert_eq!(streamed(&world, &body), scored);
        }
    }
    world.wait_idle();
}

#[test]
fn only_reading_generates_nothing() {
    let world = World::start(Setup::default());
    let body = json!({"prompt": "time of day", "echo": true, "logprobs": 1, "max_tokens": 0});
    let value = world.client().post(COMPLETIONS, &body).json();
    assert_eq!(value["choices"][0]["text"], "time of day");
    assert_eq!(value["choices"][0]["finish_reason"], "length");
    assert_eq!(
        (&value["usage"]["completion_tokens"], &value["usage"]["prompt_tokens"]),
        (&json!(0), &json!(3))
    );
    let plain =
        world.client().post(COMPLETIONS, &json!({"prompt": "time", "echo": true, "max_tokens": 0})).json();
    assert_eq!(
        (&plain["choices"][0]["text"], &plain["choices"][0]["logprobs"]),
        (&json!("time"), &Value::Null)
    );
    assert_eq!(world.client().post(COMPLETIONS, &json!({"prompt": "time", "max_tokens": 0})).status, 400);
}

#[test]
fn a_batch_of_scored_prompts_is_what_each_is_alone() {
    let world = World::start(Setup::default());
    let prompts: Vec<Vec<u64>> =
        (0..16).map(|n| ids(&world, &format!("{}time number {n}", "water ".repeat(20 * (n % 3))))).collect();
    let of = |prompt: Value| json!({"prompt": prompt, "echo": true, "logprobs": 1, "max_tokens": 0, "temperature": 0});
    let together = world.client().post(COMPLETIONS, &of(json!(prompts))).json();
    let choices = together["choices"].as_array().expect("a list");
    assert_eq!(choices.len(), 16);
    for (choice, prompt) in choices.iter().zip(&prompts) {
        let mut scored = Scored::default();
        scored.add(choice);
        assert_eq!(scored.logprobs.len(), prompt.len());
        assert_eq!(scored, whole(&world, &of(json!(prompt))));
    }
}

#[test]
fn a_long_prompt_is_scored_to_its_end() {
    let world = World::start(Setup::default());
    let prompt = "water 😀 time ".repeat(600);
    let body = json!({"prompt": prompt, "echo": true, "logprobs": 0, "max_tokens": 0});
    let scored = whole(&world, &body);
    assert_eq!(scored.text, prompt);
    assert_eq!(scored.logprobs.iter().filter(|logprob| logprob.is_none()).count(), 1);
    assert!(scored.offsets.is_sorted() && scored.offsets.last() < Some(&prompt.chars().count()));
    assert_eq!(scored.offsets.len(), ids(&world, &prompt).len());
}

/// `prompt_logprobs` in the shape of what `echo` and `logprobs` tell: log-probability and best ones of each token but
/// the first, after checking that the objects are vLLM's.
fn of_prompt(list: &Value, top: usize, prompt: &[u64]) -> Vec<(f64, Vec<(u64, f64)>)> {
    let list = list.as_array().expect("a list");
    assert_eq!((list.len(), &list[0]), (prompt.len(), &Value::Null));
    let entry = |(entry, own): (&Value, &u64)| {
        let entry = entry.as_object().expect("an object");
        let mut chances: Vec<(u64, u64, f64)> = Vec::new();
        for (id, chance) in entry {
            assert_eq!(chance.as_object().expect("an object").len(), 3, "{chance}");
            assert!(chance["decoded_token"].is_string(), "{chance}");
            let (rank, logprob) = (chance["rank"].as_u64(), chance["logprob"].as_f64());
            chances.push((rank.expect("a rank"), id.parse().expect("an id"), logprob.expect("a number")));
        }
        chances.sort_by_key(|chance| chance.0);
        let &(rank, _, logprob) = chances.iter().find(|chance| chance.1 == *own).expect("the prompt's own");
        let own_is_beyond = rank as usize > top;
        assert_eq!(chances.len(), top + usize::from(own_is_beyond));
        let ranks = chances.iter().map(|chance| chance.0).take(top);
        assert!(ranks.eq(1..=top as u64), "{entry:?}");
        assert!(chances.is_sorted_by(|a, b| a.2 >= b.2), "{entry:?}");
        let best = chances.iter().take(top).map(|&(_, id, logprob)| (id, logprob)).collect();
        (logprob, best)
    };
    list[1..].iter().zip(&prompt[1..]).map(entry).collect()
}

#[test]
fn prompts_are_told_of_as_their_echo_is_alone_and_in_company() {
    let world = World::start(Setup::default());
    let prompts: Vec<Vec<u64>> = (0..5)
        .map(|n| ids(&world, &format!("{}time number {n} 😀", "water ".repeat(30 * (n % 3)))))
        .collect();
    let ask = |prompt: Value, top: usize, n: usize| {
        let body =
            json!({"prompt": prompt, "prompt_logprobs": top, "max_tokens": 2, "temperature": 0, "n": n});
        world.client().post(COMPLETIONS, &body).json()["choices"].as_array().expect("a list").clone()
    };
    let together = ask(json!(prompts), 3, 2);
    assert_eq!(together.len(), 10);
    for (number, prompt) in prompts.iter().enumerate() {
        let echo = json!({"prompt": prompt, "echo": true, "logprobs": 3, "max_tokens": 2, "temperature": 0,
            "prompt_logprobs": 1});
        let scored = whole(&world, &echo);
        let told = of_prompt(&together[2 * number]["prompt_logprobs"], 3, prompt);
        assert_eq!(told.len(), prompt.len() - 1);
        for (index, (logprob, best)) in told.iter().enumerate() {
            assert_eq!(Some(*logprob), scored.logprobs[index + 1]);
            let tops = scored.top[index + 1].as_object().expect("an object");
            for (_, logprob) in best {
                assert!(tops.values().any(|listed| listed.as_f64() == Some(*logprob)), "{tops:?}");
            }
        }
        let own = |choice: &Value| choice["prompt_logprobs"].clone();
        assert_eq!(own(&together[2 * number]), own(&together[2 * number + 1]), "in each answer");
        assert_eq!(own(&together[2 * number]), own(&ask(json!(prompt), 3, 1)[0]), "alone and cached");
        let with_echo = world.client().post(COMPLETIONS, &echo).json();
        assert_eq!(own(&with_echo["choices"][0]), own(&ask(json!(prompt), 1, 1)[0]), "beside an echo");
        assert_eq!(of_prompt(&own(&ask(json!(prompt), 0, 1)[0]), 0, prompt).len(), told.len());
    }
    let plain = json!({"prompt": "time", "max_tokens": 1});
    assert!(world.client().post(COMPLETIONS, &plain).json()["choices"][0].get("prompt_logprobs").is_none());
    world.wait_idle();
}

#[test]
fn a_chat_tells_of_its_prompt_beside_its_choices() {
    let world = World::start(Setup::default());
    let messages = json!([{"role": "user", "content": "what is the time"}]);
    let rendered = world.client().post("/tokenize", &json!({"messages": messages})).json();
    let prompt: Vec<u64> = serde_json::from_value(rendered["tokens"].clone()).expect("ids");
    let body = json!({"messages": messages, "prompt_logprobs": 2, "max_tokens": 2, "n": 2});
    let chat = world.client().post("/v1/chat/completions", &body).json();
    let told = of_prompt(&chat["prompt_logprobs"], 2, &prompt);
    let same = json!({"prompt": prompt, "prompt_logprobs": 2, "max_tokens": 1});
    let choice = &world.client().post(COMPLETIONS, &same).json()["choices"][0];
    assert_eq!(told, of_prompt(&choice["prompt_logprobs"], 2, &prompt));
    assert_eq!(chat["prompt_logprobs"], choice["prompt_logprobs"]);
    assert!(chat["choices"][0]["logprobs"].is_null() && chat["choices"][0].get("prompt_logprobs").is_none());
}

#[test]
fn prompt_logprobs_that_cannot_be_told_are_refused_by_name() {
    let world = World::start(Setup::default());
    for (path, fits) in [
        (COMPLETIONS, json!({"prompt": "x", "max_tokens": 1})),
        ("/v1/chat/completions", json!({"messages": [{"role": "user", "content": "x"}], "max_tokens": 1})),
    ] {
        for (name, value, says) in [
            ("prompt_logprobs", json!(-1), "between 0 and 20, not -1"),
            ("prompt_logprobs", json!(21), "between 0 and 20, not 21"),
            ("prompt_logprobs", json!(true), "must be an integer"),
            ("stream", json!(true), "is not available when `stream` is true"),
        ] {
            let mut body = fits.clone();
            body["prompt_logprobs"] = json!(0);
            body[name] = value;
            let reply = world.client().post(path, &body);
            assert_eq!((reply.status, reply.error_param().as_deref()), (400, Some("prompt_logprobs")));
            assert!(reply.text().contains(says), "{}", reply.text());
        }
    }
}

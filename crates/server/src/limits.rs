//! Every bound on what a client can send, in one place. Fields are checked while they are read, before a
//! template or a tokenizer sees them, so that a hostile body costs its own bytes and nothing more.

use std::time::Duration;

/// Bytes of one request body. Long enough for a million tokens of text; larger bodies are a 413.
pub const MAX_BODY_BYTES: usize = 8 << 20;
/// Bytes of all request bodies held at once; beyond it new bodies get a 503 with `Retry-After`.
pub const MAX_BODY_BYTES_IN_FLIGHT: usize = 256 << 20;
/// Nesting of JSON objects and lists. Chat bodies need about 6, a JSON schema inside a tool some 20 more.
pub const MAX_JSON_DEPTH: usize = 64;
/// Keys of one JSON object. The longest known request has about 90.
pub const MAX_FIELDS: usize = 256;

/// Chat messages in one request.
pub const MAX_MESSAGES: usize = 4096;
/// Parts of one message's content.
pub const MAX_CONTENT_PARTS: usize = 1024;
/// Completions that share one prompt, and prompts times `n` of one completion request.
pub const MAX_N: usize = 16;
/// Stop strings.
pub const MAX_STOP: usize = 16;
/// Bytes of one stop string.
pub const MAX_STOP_BYTES: usize = 256;
/// Stop token ids.
pub const MAX_STOP_TOKEN_IDS: usize = 64;
/// Entries of `logit_bias`.
pub const MAX_LOGIT_BIAS: usize = 1024;
/// Alternatives reported beside each token.
pub const MAX_TOP_LOGPROBS: i64 = 20;
/// Largest `max_tokens` read; the model's context is smaller and is the bound that counts.
pub const MAX_TOKENS: i64 = i32::MAX as i64;
/// Tokens of one prompt given as ids, and of one `/detokenize`.
pub const MAX_PROMPT_IDS: usize = 1 << 20;
/// Variables in `chat_template_kwargs`.
pub const MAX_TEMPLATE_KWARGS: usize = 64;
/// Tools offered to the model.
pub const MAX_TOOLS: usize = 128;
/// Bytes of a short string, such as a model id or a role.
pub const MAX_NAME_BYTES: usize = 256;
/// Bytes of `cache_salt`; the frontend's own limit, less what names the API key beside it.
pub const MAX_SALT_BYTES: usize = 192;
/// Names listed in `x-gollum-ignored`; further ones are counted as `+N`.
pub const MAX_IGNORED_NAMES: usize = 32;

/// Bytes hyper buffers per connection, which bounds a request's head too (431 beyond it).
pub const MAX_HEAD_BYTES: usize = 32 << 10;
/// Header lines of one request.
pub const MAX_HEADERS: usize = 100;
/// Connections served at once; further ones get a 503 and are closed.
pub const MAX_CONNECTIONS: usize = 4096;
/// Connections beyond [`MAX_CONNECTIONS`] that are given a moment to read their 503, a descriptor and a few
/// hundred bytes each; further ones are told and closed in one go, and may see a reset instead.
pub const MAX_TURNED_AWAY: usize = 2048;
/// A request's head must be complete this long after its first byte, or after connecting.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A request's body must be complete this long after its head.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// A kept-alive connection without a request is closed after this.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// A reader that takes no byte for this long is dropped and its request aborted.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a client that has ended its input and waits for an answer is asked whether it is still there: the
/// most that is computed in vain for one that is gone. Answers that are sooner are not preceded by the question.
pub const HALF_CLOSED_PROBE: Duration = Duration::from_secs(3);
/// TCP asks a silent peer whether its machine is still there after this, and then this often.
pub const TCP_KEEP_ALIVE: Duration = Duration::from_secs(15);
/// An event stream with nothing to say sends a comment this often, so that proxies keep it open.
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long to rest when the process is out of file descriptors.
pub const ACCEPT_BACK_OFF: Duration = Duration::from_millis(50);

/// Requests waiting for a worker (parsing, templates, tokenizing); beyond it 503 with `Retry-After`.
pub const MAX_WAITING_FOR_WORKER: usize = 1024;
/// Model loads a client can be waiting for at once.
pub const MAX_WAITING_FOR_LOAD: usize = 64;
/// Finished and running requests that `/debug/requests/{id}` finds by their `x-request-id`.
pub const MAX_REMEMBERED_REQUESTS: usize = 4096;
/// The latest requests that `/debug/kv` names.
pub const MAX_RECENT_REQUESTS: usize = 30;
/// Bytes of answers that clients may come back to, all tenants'.
pub const MAX_STORED_BYTES: usize = 64 << 20;
/// Answers that clients may come back to.
pub const MAX_STORED: usize = 4096;
/// Readers of `/debug/kv` as events; each costs a picture of the caches per [`KV_EVENT_PERIOD`].
pub const MAX_KV_STREAMS: usize = 8;
/// Time between two pictures; the engine draws one between two steps, in some 0.1 ms for 10,000 pages.
pub const KV_EVENT_PERIOD: Duration = Duration::from_millis(400);
/// Nodes of a prefix tree in one event: more than a screen can show, and some 300 KB of text.
pub const MAX_KV_EVENT_NODES: usize = 2_000;
/// A stream of events about the caches ends after this; its reader asks again.
pub const KV_STREAM_TIME: Duration = Duration::from_secs(600);
/// `/readyz` fails when the engine has not finished a step, or said that it is idle, for this long.
pub const HEARTBEAT_LIMIT: Duration = Duration::from_secs(5);
/// Streams wait this long for a first event before the response head is sent, so that an answer from the
/// prompt cache, or an error, can still be told in the head.
pub const HEAD_HOLD: Duration = Duration::from_millis(25);

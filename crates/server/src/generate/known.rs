//! Fields that OpenAI, vLLM, SGLang or llama-server define and that we cannot honour, each asked one question: would
//! leaving it out change the answer? If it would, or if it asks for something that the answer then lacks, it is here:
//! present with a value that would change something, it is a 400 that names it. A field that only informs or tunes
//! (`store`, `metadata`, `verbosity`, `service_tier`, `prediction`, `id_slot`, `n_keep`, `return_progress`,
//! `t_max_prompt_ms`) is in no table: like one that nobody defines, it is ignored and named in
//! `x-gollum-ignored`.

use super::fields::Neutral::{self, AtMost, Bool, Empty, Null, Number, Text};

/// Refused on every generating route.
pub const GENERATION: &[(&str, Neutral)] = &[
    // OpenAI
    // vLLM and SGLang
    ("allowed_token_ids", Null),
    ("custom_logit_processor", Null),
    ("include_stop_str_in_output", Bool(false)),
    ("kv_transfer_params", Null),
    ("length_penalty", Number(1.0)),
    ("logits_processors", Empty),
    ("lora_path", Null),
    ("no_stop_trim", Bool(false)),
    ("prompt_embeds", Null),
    ("repetition_detection", Null),
    ("return_hidden_states", Bool(false)),
    ("return_token_ids", Bool(false)),
    ("return_tokens_as_token_ids", Bool(false)),
    ("session_params", Null),
    ("spaces_between_special_tokens", Bool(true)),
    ("stop_regex", Null),
    ("structural_tag", Null),
    ("truncate_prompt_tokens", Null),
    ("use_beam_search", Bool(false)),
    // llama-server
    ("adaptive_target", Null),
    ("lora", Empty),
    ("n_indent", Number(0.0)),
    ("post_sampling_probs", Bool(false)),
    ("t_max_predict_ms", AtMost(0.0)),
];

/// Refused on `/v1/chat/completions`.
pub const CHAT: &[(&str, Neutral)] = &[
    ("audio", Null),
    ("chat_template", Null),
    ("documents", Empty),
    ("echo", Bool(false)),
    ("function_call", Text(&["none"])),
    ("functions", Empty),
    ("media_io_kwargs", Null),
    ("mm_processor_kwargs", Null),
    ("moderation", Null),
    ("web_search_options", Null),
];

/// Refused on `/v1/completions`.
pub const COMPLETIONS: &[(&str, Neutral)] = &[("add_special_tokens", Bool(true))];

/// Refused on llama-server's own routes, whose answers have no place for it.
pub const LLAMA_SERVER: &[(&str, Neutral)] = &[("prompt_logprobs", Null)];

/// Refused in a chat message.
pub const MESSAGE: &[(&str, Neutral)] =
    &[("annotations", Empty), ("audio", Null), ("function_call", Null), ("refusal", Empty)];

//! Fields that OpenAI, vLLM, SGLang or llama-server define and that we cannot honour. Present with a value
//! that would change something, each is a 400 that names it. A field in none of these tables and read by no
//! one is ignored, and named in `x-gollum-ignored`.

use super::fields::Neutral::{self, Bool, Empty, Null, Number, Text};

/// Refused on every generating route.
pub const GENERATION: &[(&str, Neutral)] = &[
    // OpenAI
    ("service_tier", Text(&["auto", "default"])),
    ("best_of", Number(1.0)),
    // vLLM and SGLang
    ("allowed_token_ids", Null),
    ("bad_words", Empty),
    ("custom_logit_processor", Null),
    ("custom_params", Null),
    ("ebnf", Null),
    ("guided_choice", Null),
    ("guided_decoding_backend", Null),
    ("guided_grammar", Null),
    ("guided_json", Null),
    ("guided_regex", Null),
    ("include_stop_str_in_output", Bool(false)),
    ("kv_transfer_params", Null),
    ("length_penalty", Number(1.0)),
    ("logits_processors", Empty),
    ("lora_path", Null),
    ("no_stop_trim", Bool(false)),
    ("prompt_embeds", Null),
    ("prompt_logprobs", Null),
    ("regex", Null),
    ("repetition_detection", Null),
    ("return_hidden_states", Bool(false)),
    ("return_token_ids", Bool(false)),
    ("return_tokens_as_token_ids", Bool(false)),
    ("session_params", Null),
    ("skip_special_tokens", Bool(true)),
    ("spaces_between_special_tokens", Bool(true)),
    ("stop_regex", Null),
    ("structural_tag", Null),
    ("structured_outputs", Null),
    ("thinking_token_budget", Null),
    ("truncate_prompt_tokens", Null),
    ("use_beam_search", Bool(false)),
    // llama-server
    ("adaptive_target", Null),
    ("dry_multiplier", Number(0.0)),
    ("dynatemp_range", Number(0.0)),
    ("grammar", Empty),
    ("grammar_lazy", Bool(false)),
    ("id_slot", Number(-1.0)),
    ("json_schema", Null),
    ("lora", Empty),
    ("mirostat", Number(0.0)),
    ("n_cmpl", Null),
    ("n_indent", Number(0.0)),
    ("n_keep", Number(0.0)),
    ("post_sampling_probs", Bool(false)),
    ("response_fields", Empty),
    ("return_progress", Bool(false)),
    ("return_tokens", Bool(false)),
    ("samplers", Null),
    ("t_max_predict_ms", Number(0.0)),
    ("timings_per_token", Bool(false)),
    ("top_n_sigma", Number(-1.0)),
    ("typical_p", Number(1.0)),
    ("xtc_probability", Number(0.0)),
];

/// Refused on `/v1/chat/completions`.
pub const CHAT: &[(&str, Neutral)] = &[
    ("audio", Null),
    ("chat_template", Null),
    ("documents", Null),
    ("echo", Bool(false)),
    ("function_call", Text(&["none"])),
    ("functions", Empty),
    ("media_io_kwargs", Null),
    ("mm_processor_kwargs", Null),
    ("moderation", Null),
    ("prediction", Null),
    ("reasoning", Null),
    ("reasoning_effort", Null),
    ("reasoning_format", Text(&["none", "auto"])),
    ("store", Bool(false)),
    ("verbosity", Null),
    ("web_search_options", Null),
];

/// Refused on `/v1/completions`.
pub const COMPLETIONS: &[(&str, Neutral)] =
    &[("add_special_tokens", Bool(true)), ("suffix", Empty), ("response_format", Null)];

/// Refused in a chat message.
pub const MESSAGE: &[(&str, Neutral)] =
    &[("annotations", Empty), ("audio", Null), ("function_call", Null), ("refusal", Empty)];

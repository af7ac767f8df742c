//! Templates for model files that bring none.

use gollum_tokenizer::{SpecialText, Tokenizer};

/// `<|im_start|>role`, newline, text, `<|im_end|>`.
const CHATML: &str = "\
{%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}";

/// Llama 3: a header with the role, a blank line, text, `<|eot_id|>`.
const LLAMA_3: &str = "\
{{- bos_token -}}
{%- for message in messages -%}
{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif -%}";

/// Llama 2 and early Mistral: `[INST] .. [/INST]`, the system text inside the next user turn.
const LLAMA_2: &str = "\
{%- set turn = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set turn.system = '<<SYS>>\\n' + message.content | trim + '\\n<</SYS>>\\n\\n' -%}
{%- elif message.role == 'assistant' -%}
{{ ' ' + message.content | trim + ' ' + eos_token }}
{%- else -%}
{{ bos_token + '[INST] ' + turn.system + message.content | trim + ' [/INST]' }}
{%- set turn.system = '' -%}
{%- endif -%}
{%- endfor -%}";

/// Gemma: turns of `user` and `model`, the system text at the head of the next user turn.
const GEMMA: &str = "\
{{- bos_token -}}
{%- set turn = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set turn.system = message.content | trim + '\\n\\n' -%}
{%- else -%}
{%- set role = 'model' if message.role == 'assistant' else 'user' -%}
{{ '<start_of_turn>' + role + '\\n' + turn.system + message.content | trim + '<end_of_turn>\\n' }}
{%- set turn.system = '' -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}";

/// The toy model, and others whose roles are tokens: `<|user|>` text `<|end|>`.
const ROLE_TOKENS: &str = "\
{%- for message in messages -%}
{{ '<|' + message.role + '|>' + message.content + '<|end|>' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}";

/// The template of a file without one: by architecture, then by the tokens its vocabulary has.
pub fn default_template(architecture: &str, tokenizer: &dyn Tokenizer) -> &'static str {
    let has = |text: &str| is_one_token(tokenizer, text);
    if architecture.starts_with("gemma") || has("<start_of_turn>") {
        GEMMA
    } else if has("<|im_start|>") {
        CHATML
    } else if has("<|start_header_id|>") {
        LLAMA_3
    } else if has("<|user|>") && has("<|assistant|>") && has("<|end|>") {
        ROLE_TOKENS
    } else if architecture == "llama" {
        LLAMA_2
    } else {
        CHATML
    }
}

/// True if `text` is the text of a single control token.
fn is_one_token(tokenizer: &dyn Tokenizer, text: &str) -> bool {
    let ids = tokenizer.encode(text, SpecialText::Parse);
    ids.iter().filter(|&&id| tokenizer.is_control(id)).any(|&id| tokenizer.token_bytes(id) == text.as_bytes())
}

//! The table of formats, and when each is chosen.

use super::{Around, Bos, Format, Signs, System};

const fn tokens(tokens: &'static [&'static str]) -> Signs {
    Signs { tokens, architectures: &[], names: &[] }
}

/// The same words around each text but for the role's name, and no BOS.
const BLANK: Format = Format {
    name: "",
    signs: tokens(&[]),
    bos: Bos::None,
    opening: "",
    system: System::Turn(Around("", "")),
    user: Around("", ""),
    assistant: Around("", ""),
    answer: "",
    trim: false,
};

/// Qwen, SmolLM, Yi and many others; where nothing tells, the likeliest.
pub(super) const CHATML: Format = Format {
    name: "chatml",
    signs: tokens(&["<|im_start|>", "<|im_end|>"]),
    system: System::Turn(Around("<|im_start|>system\n", "<|im_end|>\n")),
    user: Around("<|im_start|>user\n", "<|im_end|>\n"),
    assistant: Around("<|im_start|>assistant\n", "<|im_end|>\n"),
    answer: "<|im_start|>assistant\n",
    ..BLANK
};

/// The only format without tokens of its own, and of a vocabulary that hundreds of models share.
pub(super) const LLAMA_2: Format = Format {
    name: "llama2",
    signs: Signs { tokens: &[], architectures: &["llama"], names: &["llama-2", "llama2"] },
    bos: Bos::BeforeEachUser,
    system: System::InUser(Around("<<SYS>>\n", "\n<</SYS>>\n\n")),
    user: Around("[INST] ", " [/INST]"),
    assistant: Around(" ", " </s>"),
    trim: true,
    ..BLANK
};

/// Most telling first: a vocabulary may have the tokens of several.
pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "toy",
        signs: Signs { architectures: &["toy"], ..tokens(&["<|user|>", "<|assistant|>", "<|end|>"]) },
        system: System::Turn(Around("<|system|>", "<|end|>")),
        user: Around("<|user|>", "<|end|>"),
        assistant: Around("<|assistant|>", "<|end|>"),
        answer: "<|assistant|>",
        ..BLANK
    },
    Format {
        name: "gpt-oss",
        signs: tokens(&["<|start|>", "<|message|>", "<|channel|>"]),
        system: System::Turn(Around("<|start|>developer<|message|># Instructions\n\n", "<|end|>")),
        user: Around("<|start|>user<|message|>", "<|end|>"),
        assistant: Around("<|start|>assistant<|channel|>final<|message|>", "<|end|>"),
        answer: "<|start|>assistant",
        ..BLANK
    },
    Format {
        name: "llama4",
        signs: tokens(&["<|header_start|>", "<|header_end|>", "<|eot|>"]),
        bos: Bos::Once,
        system: System::Turn(Around("<|header_start|>system<|header_end|>\n\n", "<|eot|>")),
        user: Around("<|header_start|>user<|header_end|>\n\n", "<|eot|>"),
        assistant: Around("<|header_start|>assistant<|header_end|>\n\n", "<|eot|>"),
        answer: "<|header_start|>assistant<|header_end|>\n\n",
        trim: true,
        ..BLANK
    },
    Format {
        name: "llama3",
        signs: tokens(&["<|start_header_id|>", "<|end_header_id|>"]),
        bos: Bos::Once,
        system: System::Turn(Around("<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>")),
        user: Around("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
        assistant: Around("<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"),
        answer: "<|start_header_id|>assistant<|end_header_id|>\n\n",
        trim: true,
        ..BLANK
    },
    Format {
        name: "gemma4",
        signs: tokens(&["<|turn>", "<turn|>"]),
        bos: Bos::Once,
        system: System::Turn(Around("<|turn>system\n", "<turn|>\n")),
        user: Around("<|turn>user\n", "<turn|>\n"),
        assistant: Around("<|turn>model\n", "<turn|>\n"),
        answer: "<|turn>model\n",
        trim: true,
        ..BLANK
    },
    Format {
        name: "gemma",
        signs: tokens(&["<start_of_turn>", "<end_of_turn>"]),
        bos: Bos::Once,
        system: System::InUser(Around("", "\n\n")),
        user: Around("<start_of_turn>user\n", "<end_of_turn>\n"),
        assistant: Around("<start_of_turn>model\n", "<end_of_turn>\n"),
        answer: "<start_of_turn>model\n",
        trim: true,
        ..BLANK
    },
    Format {
        name: "kimi-k2",
        signs: tokens(&["<|im_user|>", "<|im_middle|>"]),
        system: System::Turn(Around("<|im_system|>system<|im_middle|>", "<|im_end|>")),
        user: Around("<|im_user|>user<|im_middle|>", "<|im_end|>"),
        assistant: Around("<|im_assistant|>assistant<|im_middle|>", "<|im_end|>"),
        answer: "<|im_assistant|>assistant<|im_middle|>",
        ..BLANK
    },
    Format {
        name: "phi4",
        signs: tokens(&["<|im_start|>", "<|im_sep|>"]),
        system: System::Turn(Around("<|im_start|>system<|im_sep|>", "<|im_end|>")),
        user: Around("<|im_start|>user<|im_sep|>", "<|im_end|>"),
        assistant: Around("<|im_start|>assistant<|im_sep|>", "<|im_end|>"),
        answer: "<|im_start|>assistant<|im_sep|>",
        ..BLANK
    },
    CHATML,
    Format {
        name: "mistral-v7-tekken",
        signs: tokens(&["[SYSTEM_PROMPT]", "[INST]"]),
        bos: Bos::Once,
        system: System::Turn(Around("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]")),
        user: Around("[INST]", "[/INST]"),
        assistant: Around("", "</s>"),
        ..BLANK
    },
    Format {
        name: "mistral-v3",
        signs: Signs { names: &["v0.3", "8x22b", "codestral"], ..tokens(&["[INST]", "[/INST]"]) },
        bos: Bos::Once,
        system: System::InUser(Around("", "\n\n")),
        user: Around("[INST] ", "[/INST]"),
        assistant: Around(" ", "</s>"),
        ..BLANK
    },
    Format {
        name: "mistral-v3-tekken",
        signs: tokens(&["[INST]", "[/INST]"]),
        bos: Bos::Once,
        system: System::InUser(Around("", "\n\n")),
        user: Around("[INST]", "[/INST]"),
        assistant: Around("", "</s>"),
        ..BLANK
    },
    Format {
        name: "granite",
        signs: tokens(&["<|start_of_role|>", "<|end_of_role|>"]),
        system: System::Turn(Around("<|start_of_role|>system<|end_of_role|>", "<|end_of_text|>\n")),
        user: Around("<|start_of_role|>user<|end_of_role|>", "<|end_of_text|>\n"),
        assistant: Around("<|start_of_role|>assistant<|end_of_role|>", "<|end_of_text|>\n"),
        answer: "<|start_of_role|>assistant<|end_of_role|>",
        ..BLANK
    },
    Format {
        name: "command-r",
        signs: tokens(&["<|START_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>"]),
        bos: Bos::Once,
        system: System::Turn(Around("<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>", "<|END_OF_TURN_TOKEN|>")),
        user: Around("<|START_OF_TURN_TOKEN|><|USER_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
        assistant: Around("<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
        answer: "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
        trim: true,
        ..BLANK
    },
    Format {
        name: "deepseek3",
        signs: tokens(&["<｜User｜>", "<｜Assistant｜>"]),
        bos: Bos::Once,
        system: System::Turn(Around("", "\n\n")),
        user: Around("<｜User｜>", ""),
        assistant: Around("<｜Assistant｜>", "<｜end▁of▁sentence｜>"),
        answer: "<｜Assistant｜>",
        ..BLANK
    },
    Format {
        name: "deepseek",
        signs: Signs { names: &["coder"], ..tokens(&["<|EOT|>", "<｜end▁of▁sentence｜>"]) },
        bos: Bos::Once,
        user: Around("### Instruction:\n", "\n"),
        assistant: Around("### Response:\n", "\n<|EOT|>\n"),
        answer: "### Response:\n",
        ..BLANK
    },
    Format {
        name: "deepseek2",
        signs: tokens(&["<｜end▁of▁sentence｜>"]),
        bos: Bos::Once,
        system: System::Turn(Around("", "\n\n")),
        user: Around("User: ", "\n\n"),
        assistant: Around("Assistant: ", "<｜end▁of▁sentence｜>"),
        answer: "Assistant:",
        ..BLANK
    },
    Format {
        name: "hunyuan-dense",
        signs: tokens(&["<｜hy_User｜>", "<｜hy_Assistant｜>"]),
        bos: Bos::Once,
        system: System::Turn(Around("", "<｜hy_place▁holder▁no▁3｜>")),
        user: Around("<｜hy_User｜>", ""),
        assistant: Around("<｜hy_Assistant｜>", "<｜hy_place▁holder▁no▁2｜>"),
        answer: "<｜hy_Assistant｜>",
        ..BLANK
    },
    Format {
        name: "hunyuan-moe",
        signs: tokens(&["<|startoftext|>", "<|extra_0|>", "<|extra_4|>"]),
        system: System::Turn(Around("<|startoftext|>", "<|extra_4|>")),
        user: Around("<|startoftext|>", "<|extra_0|>"),
        assistant: Around("", "<|eos|>"),
        ..BLANK
    },
    Format {
        name: "exaone3",
        signs: tokens(&["[|endofturn|]"]),
        system: System::Turn(Around("[|system|]", "[|endofturn|]\n")),
        user: Around("[|user|]", "\n"),
        assistant: Around("[|assistant|]", "[|endofturn|]\n"),
        answer: "[|assistant|]",
        trim: true,
        ..BLANK
    },
    Format {
        name: "exaone-moe",
        signs: tokens(&["<|user|>", "<|assistant|>", "<|endofturn|>"]),
        system: System::Turn(Around("<|system|>\n", "<|endofturn|>\n")),
        user: Around("<|user|>\n", "<|endofturn|>\n"),
        assistant: Around("<|assistant|>\n", "<|endofturn|>\n"),
        answer: "<|assistant|>\n",
        trim: true,
        ..BLANK
    },
    Format {
        name: "chatglm4",
        signs: tokens(&["[gMASK]", "<sop>", "<|user|>"]),
        opening: "[gMASK]<sop>",
        system: System::Turn(Around("<|system|>\n", "")),
        user: Around("<|user|>\n", ""),
        assistant: Around("<|assistant|>\n", ""),
        answer: "<|assistant|>\n",
        ..BLANK
    },
    Format {
        name: "phi3",
        signs: tokens(&["<|user|>", "<|assistant|>", "<|end|>"]),
        system: System::Turn(Around("<|system|>\n", "<|end|>\n")),
        user: Around("<|user|>\n", "<|end|>\n"),
        assistant: Around("<|assistant|>\n", "<|end|>\n"),
        answer: "<|assistant|>\n",
        ..BLANK
    },
    Format {
        name: "zephyr",
        signs: Signs { architectures: &["stablelm"], ..tokens(&["<|endoftext|>"]) },
        system: System::Turn(Around("<|system|>\n", "<|endoftext|>\n")),
        user: Around("<|user|>\n", "<|endoftext|>\n"),
        assistant: Around("<|assistant|>\n", "<|endoftext|>\n"),
        answer: "<|assistant|>\n",
        ..BLANK
    },
    Format {
        name: "falcon3",
        signs: tokens(&["<|user|>", "<|assistant|>"]),
        system: System::Turn(Around("<|system|>\n", "\n")),
        user: Around("<|user|>\n", "\n"),
        assistant: Around("<|assistant|>\n", "\n"),
        answer: "<|assistant|>\n",
        ..BLANK
    },
    Format {
        name: "bailing2",
        signs: tokens(&["<role>", "</role>", "<|role_end|>"]),
        system: System::Turn(Around("<role>SYSTEM</role>", "<|role_end|>")),
        user: Around("<role>HUMAN</role>", "<|role_end|>"),
        assistant: Around("<role>ASSISTANT</role>", "<|role_end|>"),
        answer: "<role>ASSISTANT</role>",
        ..BLANK
    },
    Format {
        name: "bailing",
        signs: Signs { architectures: &["bailingmoe"], ..tokens(&[]) },
        system: System::Turn(Around("<role>SYSTEM</role>", "")),
        user: Around("<role>HUMAN</role>", ""),
        assistant: Around("<role>ASSISTANT</role>", ""),
        answer: "<role>ASSISTANT</role>",
        ..BLANK
    },
    Format {
        name: "megrez",
        signs: tokens(&["<|role_start|>", "<|role_end|>", "<|turn_end|>"]),
        system: System::Turn(Around("<|role_start|>system<|role_end|>", "<|turn_end|>")),
        user: Around("<|role_start|>user<|role_end|>", "<|turn_end|>"),
        assistant: Around("<|role_start|>assistant<|role_end|>", "<|turn_end|>"),
        answer: "<|role_start|>assistant<|role_end|>",
        ..BLANK
    },
    Format {
        name: "seed_oss",
        signs: tokens(&["<seed:bos>", "<seed:eos>"]),
        system: System::Turn(Around("<seed:bos>system\n", "<seed:eos>")),
        user: Around("<seed:bos>user\n", "<seed:eos>"),
        assistant: Around("<seed:bos>assistant\n", "<seed:eos>"),
        answer: "<seed:bos>assistant\n",
        ..BLANK
    },
    Format {
        name: "solar-open",
        signs: tokens(&["<|begin|>", "<|content|>", "<|end|>"]),
        system: System::Turn(Around("<|begin|>system<|content|>", "<|end|>")),
        user: Around("<|begin|>user<|content|>", "<|end|>"),
        assistant: Around("<|begin|>assistant<|content|>", "<|end|>"),
        answer: "<|begin|>assistant",
        ..BLANK
    },
    Format {
        name: "grok-2",
        signs: Signs { architectures: &["grok"], ..tokens(&[]) },
        system: System::Turn(Around("System: ", "<|separator|>\n\n")),
        user: Around("Human: ", "<|separator|>\n\n"),
        assistant: Around("Assistant: ", "<|separator|>\n\n"),
        answer: "Assistant:",
        trim: true,
        ..BLANK
    },
    Format {
        name: "openchat",
        signs: tokens(&["<|end_of_turn|>"]),
        bos: Bos::Once,
        system: System::Turn(Around("", "<|end_of_turn|>")),
        user: Around("GPT4 Correct User: ", "<|end_of_turn|>"),
        assistant: Around("GPT4 Correct Assistant: ", "<|end_of_turn|>"),
        answer: "GPT4 Correct Assistant:",
        ..BLANK
    },
    Format {
        name: "minicpm",
        signs: Signs { architectures: &["minicpm"], ..tokens(&[]) },
        bos: Bos::Once,
        user: Around("<用户>", "<AI>"),
        trim: true,
        ..BLANK
    },
    Format {
        name: "orion",
        signs: Signs { architectures: &["orion"], ..tokens(&[]) },
        bos: Bos::Once,
        system: System::InUser(Around("", "\n\n")),
        user: Around("Human: ", "\n\nAssistant: </s>"),
        assistant: Around("", "</s>"),
        ..BLANK
    },
    Format {
        name: "rwkv-world",
        signs: Signs { architectures: &["rwkv6", "rwkv7", "arwkv7", "rwkv6qwen2"], ..tokens(&[]) },
        system: System::Turn(Around("System: ", "\n\n")),
        user: Around("User: ", "\n\n"),
        assistant: Around("Assistant: ", "\n\n"),
        answer: "Assistant:",
        trim: true,
        ..BLANK
    },
    Format {
        name: "phi2",
        signs: Signs { architectures: &["phi2"], ..tokens(&[]) },
        system: System::InUser(Around("", "\n\n")),
        user: Around("Instruct: ", "\n"),
        assistant: Around("Output: ", "\n"),
        answer: "Output:",
        ..BLANK
    },
    Format {
        name: "vicuna",
        signs: Signs { names: &["vicuna", "wizardlm", "airoboros"], ..tokens(&[]) },
        bos: Bos::Once,
        system: System::Turn(Around("", "\n\n")),
        user: Around("USER: ", "\n"),
        assistant: Around("ASSISTANT: ", "</s>\n"),
        answer: "ASSISTANT:",
        ..BLANK
    },
    Format {
        name: "zephyr-7b",
        signs: Signs { architectures: &["llama"], names: &["zephyr", "tinyllama"], ..tokens(&[]) },
        system: System::Turn(Around("<|system|>\n", "</s>\n")),
        user: Around("<|user|>\n", "</s>\n"),
        assistant: Around("<|assistant|>\n", "</s>\n"),
        answer: "<|assistant|>\n",
        ..BLANK
    },
    Format {
        name: "mistral-v1",
        signs: Signs { names: &["mistral", "mixtral"], ..tokens(&[]) },
        bos: Bos::Once,
        system: System::InUser(Around("", "\n\n")),
        user: Around(" [INST] ", " [/INST]"),
        assistant: Around(" ", "</s>"),
        ..BLANK
    },
    LLAMA_2,
];

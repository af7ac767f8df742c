//! Which tensor gets which type: mixes give more bits to the matrices that need them.
//!
//! The rules are llama.cpp's, from `llama-quant.cpp`, for files made without an importance matrix; so are the names and
//! the numbers that `general.file_type` holds. Types that are worth nothing without such a matrix have no mix.

use std::str::FromStr;

use gollum_gguf::{Gguf, TensorInfo};
use gollum_quant::FormatId::{self, *};

/// A named way to choose types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// As users write it.
    pub name: &'static str,
    /// `general.file_type`.
    pub file_type: u32,
    /// What most matrices get.
    pub base: FormatId,
}

const fn mix(name: &'static str, file_type: u32, base: FormatId) -> Mix {
    Mix { name, file_type, base }
}

/// All mixes.
const MIXES: &[Mix] = &[
    mix("F32", 0, F32),
    mix("F16", 1, F16),
    mix("BF16", 32, BF16),
    mix("Q8_0", 7, Q8_0),
    mix("Q4_0", 2, Q4_0),
    mix("Q4_1", 3, Q4_1),
    mix("Q5_0", 8, Q5_0),
    mix("Q5_1", 9, Q5_1),
    mix("Q2_K", 10, Q2_K),
    mix("Q3_K_S", 11, Q3_K),
    mix("Q3_K_M", 12, Q3_K),
    mix("Q3_K_L", 13, Q3_K),
    mix("Q4_K_S", 14, Q4_K),
    mix("Q4_K_M", 15, Q4_K),
    mix("Q5_K_S", 16, Q5_K),
    mix("Q5_K_M", 17, Q5_K),
    mix("Q6_K", 18, Q6_K),
    mix("IQ4_NL", 25, IQ4_NL),
    mix("IQ4_XS", 30, IQ4_XS),
    mix("TQ1_0", 36, TQ1_0),
    mix("TQ2_0", 37, TQ2_0),
    mix("MXFP4_MOE", 38, MXFP4),
    mix("Q1_0", 40, Q1_0),
    mix("Q2_0", 41, Q2_0),
];

/// Other names of mixes.
const ALIASES: &[(&str, &str)] =
    &[("Q3_K", "Q3_K_M"), ("Q4_K", "Q4_K_M"), ("Q5_K", "Q5_K_M"), ("MXFP4", "MXFP4_MOE")];

/// The name of the mix that `general.file_type` means.
pub fn name_of(file_type: u32) -> Option<&'static str> {
    MIXES.iter().find(|mix| mix.file_type == file_type).map(|mix| mix.name)
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.to_uppercase();
        let name =
            ALIASES.iter().find(|(alias, _)| *alias == wanted).map_or(wanted.as_str(), |(_, name)| name);
        MIXES.iter().find(|mix| mix.name == name).copied().ok_or_else(|| {
            let names: Vec<&str> = MIXES.iter().map(|mix| mix.name).collect();
            let reason = if name.starts_with("IQ") { "needs an importance matrix" } else { "is not known" };
            format!("{text} {reason}; there are {}", names.join(", "))
        })
    }
}

/// What a matrix does, as far as the rules ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Output,
    Embedding,
    /// `attn_qkv`, and `attn_v` and `attn_kv_b`: the rules count them together.
    FusedQkv,
    Value,
    AttentionOutput,
    Key,
    Down,
    Other,
}

impl Role {
    fn of(name: &str) -> Self {
        let parts = [
            ("attn_qkv.weight", Role::FusedQkv),
            ("attn_kv_b.weight", Role::Value),
            ("attn_v.weight", Role::Value),
            ("attn_k.weight", Role::Key),
            ("attn_output.weight", Role::AttentionOutput),
            ("ffn_down", Role::Down),
        ];
        match name {
            "output.weight" => Role::Output,
            "token_embd.weight" | "per_layer_token_embd.weight" => Role::Embedding,
            _ => parts.iter().find(|(part, _)| name.contains(part)).map_or(Role::Other, |&(_, role)| role),
        }
    }
}

/// Parts of names of matrices that stay as they are: small, or touchy.
const KEPT: &[&str] = &[
    "_norm.weight",
    "ffn_gate_inp.weight",
    "ffn_gate_tid2eid.weight",
    "altup",
    "laurel",
    "per_layer_model_proj",
    "ssm_conv1d",
    "shortconv.conv.weight",
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",
    "time_mix_first.weight",
    "time_mix_w0.weight",
    "time_mix_w1.weight",
    "time_mix_w2.weight",
    "time_mix_v0.weight",
    "time_mix_v1.weight",
    "time_mix_v2.weight",
    "time_mix_a0.weight",
    "time_mix_a1.weight",
    "time_mix_a2.weight",
    "time_mix_g1.weight",
    "time_mix_g2.weight",
    "time_mix_decay_w1.weight",
    "time_mix_decay_w2.weight",
    "time_mix_lerp_fused.weight",
    "attn_rel_b.weight",
    ".position_embd",
    ".patch_embd",
    ".patch_merger",
    ".rel_pos",
];

/// Names of matrices that stay as they are.
const KEPT_NAMES: &[&str] = &["position_embd.weight", "token_types.weight"];

/// True if the tensor may get another type: a matrix of weights, or a stack of them.
fn is_matrix(tensor: &TensorInfo) -> bool {
    // Trailing sizes of one do not count as dims.
    let dims = tensor.dims.iter().rposition(|&dim| dim > 1).map_or(1, |last| last + 1);
    dims >= 2
        && tensor.name.ends_with("weight")
        && !KEPT_NAMES.contains(&tensor.name.as_str())
        && !KEPT.iter().any(|part| tensor.name.contains(part))
}

/// What the rules ask of a model.
struct Facts {
    is_falcon: bool,
    is_70b: bool,
    layers: usize,
    experts: usize,
    /// Query heads to a KV head.
    group: usize,
    values: usize,
    has_output: bool,
}

impl Facts {
    fn of(gguf: &Gguf) -> Self {
        let metadata = gguf.metadata();
        let architecture = metadata.string("general.architecture").ok().flatten().unwrap_or_default();
        let number = |key: &str| metadata.usize(&format!("{architecture}.{key}")).ok().flatten();
        // Sizes that differ per layer are arrays; the rules ask for the first layer's.
        let first = |key: &str| {
            let per_layer = || metadata.u32s(&format!("{architecture}.{key}")).ok().flatten();
            number(key).or_else(|| per_layer().and_then(|all| all.first().map(|&n| n as usize)))
        };
        let heads = first("attention.head_count").unwrap_or(1);
        let kv_heads = first("attention.head_count_kv").unwrap_or(heads);
        let layers = number("block_count").unwrap_or(0);
        let is_value = |t: &&TensorInfo| matches!(Role::of(&t.name), Role::Value | Role::FusedQkv);
        let group = heads.checked_div(kv_heads).unwrap_or(0);
        Self {
            is_falcon: architecture == "falcon",
            is_70b: layers == 80 && group > 1 && matches!(architecture, "llama" | "qwen2"),
            layers,
            experts: number("expert_count").unwrap_or(0),
            group,
            values: gguf.tensors().iter().filter(is_value).count(),
            has_output: gguf.tensor("output.weight").is_some(),
        }
    }
}

/// The first and last eighth of the layers, and every third one between.
fn wants_more_bits(layer: usize, layers: usize) -> bool {
    let eighth = layers / 8;
    layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2
}

/// The layer in a name, before all others if there is none; and the name: llama.cpp's order of tensors.
fn place(name: &str) -> (Option<usize>, &str) {
    let layer = name.strip_prefix("blk.").and_then(|rest| rest.split('.').next()?.parse().ok());
    (layer, name)
}

/// The type of each tensor, in the order of the file; `None` for those that stay as they are.
pub fn choose(gguf: &Gguf, mix: Mix, pure: bool) -> Vec<Option<FormatId>> {
    let facts = Facts::of(gguf);
    let tensors = gguf.tensors();
    let mut order: Vec<usize> = (0..tensors.len()).filter(|&i| is_matrix(&tensors[i])).collect();
    order.sort_by_key(|&i| place(&tensors[i].name));
    let mut chosen = vec![None; tensors.len()];
    let mut seen = Seen::default();
    for i in order {
        let is_plain = matches!(mix.base, F32 | F16 | BF16);
        let wanted = if is_plain || pure { mix.base } else { mixed(&tensors[i], mix, &facts, &mut seen) };
        chosen[i] = Some(that_fits(wanted, tensors[i].dims[0]));
    }
    chosen
}

/// Matrices that came before.
#[derive(Default)]
struct Seen {
    values: usize,
    downs: usize,
}

fn mixed(tensor: &TensorInfo, mix: Mix, facts: &Facts, seen: &mut Seen) -> FormatId {
    let role = Role::of(&tensor.name);
    let base = mix.base;
    if role == Role::Output || role == Role::Embedding && !facts.has_output {
        let whole_blocks = tensor.dims[0].is_multiple_of(base.format().block_weights);
        let is_eight_bits = mix.name == "MXFP4_MOE" || facts.is_falcon || !whole_blocks || base == Q8_0;
        return if is_eight_bits { Q8_0 } else { Q6_K };
    }
    if mix.name == "MXFP4_MOE" {
        return if tensor.dims.get(2).is_some_and(|&matrices| matrices > 1) { MXFP4 } else { Q8_0 };
    }
    match role {
        Role::Embedding if matches!(base, TQ1_0 | TQ2_0 | Q2_0) => Q4_K,
        Role::Value | Role::FusedQkv => {
            let before = seen.values;
            seen.values += 1;
            of_values(mix, facts, before)
        }
        Role::Key if facts.experts == 8 => Q8_0,
        Role::Down => {
            // With experts the tensors of a layer are several, so its number counts and not theirs.
            let layer = if facts.experts > 1 { place(&tensor.name).0.unwrap_or(0) } else { seen.downs };
            seen.downs += 1;
            of_downs(mix, facts, layer)
        }
        Role::AttentionOutput => of_attention_output(mix, facts),
        _ => base,
    }
}

fn of_values(mix: Mix, facts: &Facts, before: usize) -> FormatId {
    let wanted = match mix.name {
        "Q2_K" if facts.group >= 4 => Q4_K,
        "Q2_K" => Q3_K,
        "Q3_K_M" if before < 2 => Q5_K,
        "Q3_K_M" => Q4_K,
        "Q3_K_L" => Q5_K,
        "IQ4_NL" | "IQ4_XS" if facts.group >= 4 => Q5_K,
        "Q4_K_M" | "Q5_K_M" if wants_more_bits(before, facts.values) => Q6_K,
        "Q4_K_S" if before < 4 => Q5_K,
        _ => mix.base,
    };
    match wanted {
        _ if facts.experts == 8 => Q8_0,
        Q3_K | Q4_K if facts.is_70b => Q5_K,
        wanted => wanted,
    }
}

fn of_downs(mix: Mix, facts: &Facts, layer: usize) -> FormatId {
    let layers = facts.layers;
    let wants_more = layer < layers / 8 || wants_more_bits(layer, layers);
    match mix.name {
        "Q2_K" => Q3_K,
        "Q3_K_M" if layer < layers / 16 => Q5_K,
        "Q3_K_M" if facts.is_falcon && !wants_more => Q3_K,
        "Q3_K_M" => Q4_K,
        "Q3_K_L" if facts.is_falcon => Q4_K,
        "Q3_K_L" => Q5_K,
        "Q4_K_M" if facts.is_falcon && layer < layers / 16 => Q6_K,
        "Q4_K_M" if facts.is_falcon && wants_more => Q5_K,
        "Q4_K_M" if !facts.is_falcon && wants_more => Q6_K,
        "Q5_K_M" if wants_more => Q6_K,
        "IQ4_NL" | "IQ4_XS" if layer < layers / 8 => Q5_K,
        "Q4_K_S" if !facts.is_falcon && layer < layers / 8 => Q5_K,
        _ => mix.base,
    }
}

fn of_attention_output(mix: Mix, facts: &Facts) -> FormatId {
    match mix.name {
        "Q3_K_L" if facts.is_falcon => Q4_K,
        _ if facts.is_falcon => mix.base,
        "Q2_K" | "Q3_K_S" | "Q3_K_M" | "Q4_K_S" | "Q4_K_M" | "IQ4_NL" | "IQ4_XS" if facts.experts == 8 => {
            Q5_K
        }
        _ if facts.experts == 8 => mix.base,
        "Q2_K" => Q3_K,
        "Q3_K_M" => Q4_K,
        "Q3_K_L" => Q5_K,
        _ => mix.base,
    }
}

/// A type whose blocks divide the row: the wanted one, or one of 32 weights with at least as many bits, or F16.
fn that_fits(wanted: FormatId, row_weights: usize) -> FormatId {
    let fits = |format: FormatId| row_weights.is_multiple_of(format.format().block_weights);
    let smaller = match wanted {
        IQ4_XS => IQ4_NL,
        Q2_K | Q3_K | TQ1_0 | TQ2_0 | Q1_0 | Q2_0 => Q4_0,
        Q4_K => Q5_0,
        Q5_K => Q5_1,
        Q6_K => Q8_0,
        other => other,
    };
    [wanted, smaller].into_iter().find(|&format| fits(format)).unwrap_or(F16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mix_can_be_written_and_named() {
        for mix in MIXES {
            assert!(gollum_quant::encode::can_encode(mix.base), "{}", mix.name);
            assert_eq!(mix.name.to_lowercase().parse(), Ok(*mix));
        }
        for (alias, name) in ALIASES {
            assert_eq!(alias.parse::<Mix>().map(|mix| mix.name), Ok(*name));
        }
        let refused = "IQ2_XXS".parse::<Mix>().expect_err("it needs a matrix");
        assert!(refused.contains("importance matrix"), "{refused}");
    }

    #[test]
    fn rows_of_odd_length_get_smaller_blocks() {
        assert_eq!(that_fits(Q4_K, 512), Q4_K);
        assert_eq!(that_fits(Q4_K, 576), Q5_0);
        assert_eq!(that_fits(Q6_K, 96), Q8_0);
        assert_eq!(that_fits(Q4_0, 100), F16);
    }

    #[test]
    fn layers_that_want_more_bits_are_the_ends_and_every_third() {
        let wanting: Vec<usize> = (0..16).filter(|&layer| wants_more_bits(layer, 16)).collect();
        assert_eq!(wanting, [0, 1, 4, 7, 10, 13, 14, 15]);
    }
}

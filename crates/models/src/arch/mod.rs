//! Architectures as data: each is one file with one constant, listed in [`ARCHITECTURES`].
//!
//! Every architecture here has this skeleton; the constants fill it in:
//!
//! ```text
//! x = norm(token_embd[token] * embedding_scale + token_types[0] + position_embd[position])
//! for each layer, of the kind that `pick` says, for each branch of it:
//!     x += residual_scale * post_norm(part(norm(x)) + beside(norm(x)))        and then, of BERT, x = stream_norm(x)
//!     and behind the last branch, in files that have it, x *= layer_output_scale
//! of several streams side by side, x is the one that runs through the layer: see [`Streams`]
//! logits = soft_cap(multiplier * output . output_norm(x))     output is token_embd where the file has no output.weight
//! ```
//! Encoders end with a pooling of `output_norm(x)` instead, and what the file has behind it: `dense_2`, `dense_3`, `cls`.
//!
//! Three rules take most of the variation out of these files:
//! - *Optional by presence.* A bias, a whole tensor's scale, rope factors, sinks, a router, a shared expert are used if
//!   and only if the file has them.
//! - *Slices at load.* `attn_qkv`, `ffn_up` with the gate in it and `ffn_gate_up_exps` hold whole rows of several
//!   matrices, and become those matrices.
//! - *Facts per layer.* Heads, widths, windows and rotations are arrays in [`HyperParams`](crate::HyperParams), filled
//!   from one value or from one a layer.
//!
//! Source of all of them, beside what each file names: the metadata keys, tensor names and formulas of llama.cpp's
//! loader, checked by running it on tiny random models (`tools/golden_archs.py`).

mod afmoe;
mod apertus;
mod arcee;
mod arctic;
mod baichuan;
mod bailingmoe;
mod bailingmoe2;
mod bert;
mod bitnet;
mod bloom;
mod chameleon;
mod chatglm;
mod codeshell;
mod cogvlm;
mod cohere2;
mod cohere2moe;
mod command_r;
mod dbrx;
mod deci;
mod deepseek;
mod deepseek2;
mod deepseek2_ocr;
mod dots1;
mod ernie4_5;
mod ernie4_5_moe;
mod eurobert;
mod exaone;
mod exaone4;
mod exaone_moe;
mod falcon;
mod falcon_h1;
mod gemma;
mod gemma2;
mod gemma3;
mod gemma3n;
mod gemma4;
mod gemma_embedding;
mod glm4;
mod glm4moe;
mod gpt2;
mod gpt_oss;
mod gptneox;
mod granite;
mod granite_swa;
mod granitehybrid;
mod granitemoe;
mod grok;
mod grovemoe;
mod hunyuan_dense;
mod hunyuan_moe;
mod hunyuan_vl;
mod hy_v3;
mod internlm2;
mod jais;
mod jais2;
mod jamba;
mod jina_bert_v2;
mod jina_bert_v3;
mod laguna;
mod lfm2;
mod lfm2moe;
mod llama;
mod llama4;
mod llama_embed;
mod maincoder;
mod mamba;
mod mamba2;
mod maple;
mod mellum;
mod mimo2;
mod minicpm;
mod minicpm3;
mod minimax_m2;
mod mistral3;
mod mistral4;
mod modern_bert;
mod mpt;
mod muse_glimmer;
mod nemotron;
mod nemotron_h;
mod nemotron_h_moe;
mod neo_bert;
mod nomic_bert;
mod nomic_bert_moe;
mod olmo;
mod olmo2;
mod olmoe;
mod openelm;
mod orion;
mod paddleocr;
mod pangu_embedded;
mod parts;
mod phi2;
mod phi3;
mod phimoe;
mod plamo;
mod plamo2;
mod plamo3;
mod plm;
mod qwen;
mod qwen2;
mod qwen2moe;
mod qwen2vl;
mod qwen3;
mod qwen35;
mod qwen35moe;
mod qwen3moe;
mod qwen3next;
mod qwen3vl;
mod qwen3vlmoe;
mod refact;
mod rules;
mod seed_oss;
mod smallthinker;
mod smollm3;
mod spark2_5;
mod stablelm;
mod starcoder;
mod starcoder2;
mod step35;
mod xverse;

pub use parts::{
    Alibi, Attention, AttentionScale, DeltaNet, ExpertClamp, ExpertWidth, Ffn, FfnWidth, GateOver, Growth,
    Input, Mamba1, Mamba2, Moe, Normalise, OutputGate, Part, QkNorm, QkNormOver, SharedTail, SharedTensors,
    SharedWidth, Sparsity,
};
pub use rules::{
    Direction, Embedding, EmbeddingScale, Head, LogMultiplier, LogitDivisor, LogitScale, Norms, Period,
    Positions, Ranking, ResidualScale, RopeRule, Span, Streams, Unrotated, Windows,
};

/// Every architecture that can be loaded, in alphabetical order.
pub const ARCHITECTURES: &[Architecture] = &[
    afmoe::AFMOE,
    apertus::APERTUS,
    arcee::ARCEE,
    arctic::ARCTIC,
    baichuan::BAICHUAN,
    bailingmoe::BAILINGMOE,
    bailingmoe2::BAILINGMOE2,
    bert::BERT,
    bitnet::BITNET,
    bloom::BLOOM,
    chameleon::CHAMELEON,
    chatglm::CHATGLM,
    codeshell::CODESHELL,
    cogvlm::COGVLM,
    cohere2::COHERE2,
    cohere2moe::COHERE2MOE,
    command_r::COMMAND_R,
    dbrx::DBRX,
    deci::DECI,
    deepseek::DEEPSEEK,
    deepseek2::DEEPSEEK2,
    deepseek2_ocr::DEEPSEEK2_OCR,
    dots1::DOTS1,
    ernie4_5::ERNIE4_5,
    ernie4_5_moe::ERNIE4_5_MOE,
    eurobert::EUROBERT,
    exaone::EXAONE,
    exaone_moe::EXAONE_MOE,
    exaone4::EXAONE4,
    falcon::FALCON,
    falcon_h1::FALCON_H1,
    gemma::GEMMA,
    gemma_embedding::GEMMA_EMBEDDING,
    gemma2::GEMMA2,
    gemma3::GEMMA3,
    gemma3n::GEMMA3N,
    gemma4::GEMMA4,
    glm4::GLM4,
    glm4moe::GLM4MOE,
    gpt_oss::GPT_OSS,
    gpt2::GPT2,
    gptneox::GPTNEOX,
    granite::GRANITE,
    granite_swa::GRANITE_SWA,
    granitehybrid::GRANITEHYBRID,
    granitemoe::GRANITEMOE,
    grok::GROK,
    grovemoe::GROVEMOE,
    hunyuan_dense::HUNYUAN_DENSE,
    hunyuan_moe::HUNYUAN_MOE,
    hunyuan_vl::HUNYUAN_VL,
    hy_v3::HY_V3,
    internlm2::INTERNLM2,
    jais::JAIS,
    jais2::JAIS2,
    jamba::JAMBA,
    jina_bert_v2::JINA_BERT_V2,
    jina_bert_v3::JINA_BERT_V3,
    laguna::LAGUNA,
    lfm2::LFM2,
    lfm2moe::LFM2MOE,
    llama::LLAMA,
    llama_embed::LLAMA_EMBED,
    llama4::LLAMA4,
    maincoder::MAINCODER,
    mamba::MAMBA,
    mamba2::MAMBA2,
    maple::MAPLE,
    mellum::MELLUM,
    mimo2::MIMO2,
    minicpm::MINICPM,
    minicpm3::MINICPM3,
    minimax_m2::MINIMAX_M2,
    mistral3::MISTRAL3,
    mistral4::MISTRAL4,
    modern_bert::MODERN_BERT,
    mpt::MPT,
    muse_glimmer::MUSE_GLIMMER,
    nemotron::NEMOTRON,
    nemotron_h::NEMOTRON_H,
    nemotron_h_moe::NEMOTRON_H_MOE,
    neo_bert::NEO_BERT,
    nomic_bert::NOMIC_BERT,
    nomic_bert_moe::NOMIC_BERT_MOE,
    olmo::OLMO,
    olmo2::OLMO2,
    olmoe::OLMOE,
    openelm::OPENELM,
    orion::ORION,
    paddleocr::PADDLEOCR,
    pangu_embedded::PANGU_EMBEDDED,
    phi2::PHI2,
    phi3::PHI3,
    phimoe::PHIMOE,
    plamo::PLAMO,
    plamo2::PLAMO2,
    plamo3::PLAMO3,
    plm::PLM,
    qwen::QWEN,
    qwen2::QWEN2,
    qwen2moe::QWEN2MOE,
    qwen2vl::QWEN2VL,
    qwen3::QWEN3,
    qwen35::QWEN35,
    qwen35moe::QWEN35MOE,
    qwen3moe::QWEN3MOE,
    qwen3next::QWEN3NEXT,
    qwen3vl::QWEN3VL,
    qwen3vlmoe::QWEN3VLMOE,
    refact::REFACT,
    seed_oss::SEED_OSS,
    smallthinker::SMALLTHINKER,
    smollm3::SMOLLM3,
    spark2_5::SPARK2_5,
    stablelm::STABLELM,
    starcoder::STARCODER,
    starcoder2::STARCODER2,
    step35::STEP35,
    xverse::XVERSE,
];

/// One family of models.
#[derive(Clone, Copy, Debug)]
pub struct Architecture {
    /// `general.architecture` in the file, and the prefix of its metadata keys.
    pub gguf_name: &'static str,
    /// Models that people know it by, for tables.
    pub models: &'static str,
    /// What a token sees.
    pub direction: Direction,
    /// What all of its norms are.
    pub norms: Norms,
    /// From tokens to the stream.
    pub embedding: Embedding,
    /// How many residual streams there are.
    pub streams: Streams,
    /// The kinds of layers.
    pub kinds: &'static [&'static [Branch]],
    /// Which kind a layer is of.
    pub pick: Pick,
    /// Which positions a layer attends to.
    pub windows: Windows,
    /// How queries and keys are rotated.
    pub rope: RopeRule,
    /// What each branch is multiplied by.
    pub residual_scale: ResidualScale,
    /// Epsilon of the norms of branches' results; `None` is that of the others.
    pub post_norm_eps: Option<f32>,
    /// From the stream to logits.
    pub head: Head,
    /// From the stream to scores, in files with a classifier.
    pub ranking: Ranking,
    /// Keys under the prefix, without it, that would change the arithmetic, but that converters of this architecture
    /// write and neither its authors nor llama.cpp read.
    pub unread_keys: &'static [&'static str],
    /// Tensors of a layer, without `blk.N.`, that serve other inputs than text.
    pub unread_tensors: &'static [&'static str],
}

impl Architecture {
    /// What most architectures change a little: grouped-query attention and a SiLU-gated feed-forward, each behind an
    /// RMS norm; all layers rotated, halves paired.
    pub const DECODER: Self = Self {
        gguf_name: "",
        models: "",
        direction: Direction::Causal,
        norms: Norms::Rms,
        embedding: Embedding::PLAIN,
        streams: Streams::One,
        kinds: &[&[Branch::attention(Attention::GQA), Branch::ffn(Ffn::SWIGLU)]],
        pick: Pick::One,
        windows: Windows::FULL,
        rope: RopeRule::NEOX,
        residual_scale: ResidualScale::Key,
        post_norm_eps: None,
        head: Head::PLAIN,
        ranking: Ranking::CLS,
        unread_keys: &[],
        unread_tensors: &[],
    };
    /// What most encoders change a little: no causal mask, no logits.
    pub const ENCODER: Self =
        Self { direction: Direction::Both, norms: Norms::Layer, head: Head::UNNORMED, ..Self::DECODER };

    /// The parts of all kinds of layers.
    fn parts(&self) -> impl Iterator<Item = &'static Part> {
        let branches = self.kinds.iter().copied().flatten();
        branches.flat_map(|b| [Some(&b.part), b.beside.as_ref().map(|b| &b.part)]).flatten()
    }

    /// True if some layer attends.
    pub fn attends(&self) -> bool {
        self.parts().any(|part| matches!(part, Part::Attention(_) | Part::Latent(_)))
    }

    /// Its attention: one rule for all layers.
    pub fn attention(&self) -> Attention {
        let found = self.parts().find_map(|part| match part {
            Part::Attention(attention) | Part::Latent(attention) => Some(*attention),
            _ => None,
        });
        found.unwrap_or(Attention::GQA)
    }

    /// Whether it attends to latent rows.
    pub fn is_latent(&self) -> bool {
        self.parts().any(|part| matches!(part, Part::Latent(_)))
    }

    /// Its dense feed-forward.
    pub fn ffn(&self) -> Ffn {
        let found = self.parts().find_map(|part| match part {
            Part::Ffn(ffn) | Part::FfnOrMoe(ffn, _) => Some(*ffn),
            _ => None,
        });
        found.unwrap_or(Ffn::SWIGLU)
    }

    /// Its recurrent part, if it has one.
    pub fn recurrent(&self) -> Option<&'static Part> {
        self.parts().find(|part| {
            matches!(part, Part::ShortConv | Part::DeltaNet(_) | Part::Mamba1(_) | Part::Mamba2(_))
        })
    }

    /// Its mixture of experts, if it has one.
    pub fn moe(&self) -> Option<&'static Moe> {
        self.parts().find_map(|part| match part {
            Part::Moe(moe) | Part::FfnOrMoe(_, moe) => Some(moe),
            _ => None,
        })
    }
}

/// Tensor names without `blk.N.` and `.weight`: the first that the file has counts. None at all: no norm. Some converters
/// leave the `.weight` of norms out of the file too.
pub type NormNames = &'static [&'static str];

/// A residual branch, of one part or of two that read the stream side by side.
#[derive(Clone, Copy, Debug)]
pub struct Branch {
    /// Norm of the part's input.
    pub norm: NormNames,
    /// What is computed.
    pub part: Part,
    /// Norm of the part's own result.
    pub part_norm: NormNames,
    /// A second part, whose result is added to that of the first.
    pub beside: Option<Beside>,
    /// Norm of the result.
    pub post_norm: NormNames,
    /// Whether files may lack `norm` in a layer.
    pub norm_optional: bool,
    /// Norm of the stream once the result is added to it: it replaces the stream.
    pub stream_norm: NormNames,
    /// A second such norm, in files that have it, of the stream and what it was before the layer together.
    pub stream_norm_2: NormNames,
    /// Multiplies the stream at the end.
    pub stream_scale: f32,
}

/// The second part of a branch.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// Norm of its input.
    pub norm: NormNames,
    /// What it reads.
    pub input: Input,
    /// What is computed.
    pub part: Part,
    /// Norm of its own result.
    pub part_norm: NormNames,
}

impl Branch {
    /// `x += part(norm(x))`.
    pub const fn new(norm: NormNames, part: Part) -> Self {
        Self {
            norm,
            part,
            part_norm: &[],
            beside: None,
            post_norm: &[],
            norm_optional: false,
            stream_norm: &[],
            stream_norm_2: &[],
            stream_scale: 1.0,
        }
    }

    /// Attention behind `attn_norm`.
    pub const fn attention(attention: Attention) -> Self {
        Self::new(&["attn_norm"], Part::Attention(attention))
    }

    /// A dense feed-forward behind `ffn_norm`.
    pub const fn ffn(ffn: Ffn) -> Self {
        Self::new(&["ffn_norm"], Part::Ffn(ffn))
    }

    /// `.. + part(norm(x))`, of the same x.
    pub const fn beside(self, norm: NormNames, part: Part) -> Self {
        Self { beside: Some(Beside { norm, input: Input::Stream, part, part_norm: &[] }), ..self }
    }

    /// `.. + part(norm(x of the layer's start))`.
    pub const fn beside_from_start(self, norm: NormNames, part: Part) -> Self {
        Self { beside: Some(Beside { norm, input: Input::LayerStart, part, part_norm: &[] }), ..self }
    }

    /// `.. + part_norm(part(norm(x)))`, of the same x.
    pub const fn beside_normed(self, norm: NormNames, part: Part, part_norm: NormNames) -> Self {
        Self { beside: Some(Beside { norm, input: Input::Stream, part, part_norm }), ..self }
    }

    /// `part_norm(part(norm(x))) + ..`.
    pub const fn part_norm(self, part_norm: NormNames) -> Self {
        Self { part_norm, ..self }
    }

    /// `x += part(norm(x))` or, in layers without the norm, `x += part(x)`.
    pub const fn norm_optional(self) -> Self {
        Self { norm_optional: true, ..self }
    }

    /// `x = stream_norm(x + part(x))`: BERT's order.
    pub const fn then_norm(part: Part, stream_norm: NormNames) -> Self {
        Self { stream_norm, ..Self::new(&[], part) }
    }

    /// `x = stream_scale * (x + ..)`.
    pub const fn stream_scale(self, stream_scale: f32) -> Self {
        Self { stream_scale, ..self }
    }

    /// `x += post_norm(..)`.
    pub const fn post_norm(self, post_norm: NormNames) -> Self {
        Self { post_norm, ..self }
    }
}

/// Which layers are recurrent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecurrentLayers {
    /// Those without KV heads.
    WithoutKvHeads,
    /// Those that have neither KV heads nor a feed-forward. Layers without KV heads have no attention then.
    WithoutKvHeadsAndFfn,
    /// All of them.
    All,
    /// Key `attention.recurrent_layers`, or all but every n-th: key `full_attention_interval`, or this.
    Interval(usize),
}

/// Which kind of layer a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The only one.
    One,
    /// The first where the layer is recurrent, else the second.
    Recurrent(RecurrentLayers),
    /// The first where the layer has this tensor (without `blk.N.` and `.weight`), else the second.
    HasTensor(&'static str),
    /// The first where this key is true, else the second; absent, the default stands.
    Flag(&'static str, bool),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_the_table() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/arch");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of this file")
            .map(|entry| entry.expect("readable").path())
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .filter(|name| !["mod", "parts", "rules"].contains(&name.as_str()))
            .collect();
        files.sort();
        // A file's name is the architecture's, with `_` for what Rust takes no module name of.
        let mut table: Vec<String> =
            ARCHITECTURES.iter().map(|a| a.gguf_name.replace(['-', '.'], "_")).collect();
        table.sort();
        assert_eq!(files, table, "one file and one line per architecture");
        assert!(ARCHITECTURES.is_sorted_by_key(|a| a.gguf_name), "in alphabetical order");
    }
}

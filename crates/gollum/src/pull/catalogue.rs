//! Good models by name: a short list, of which only those are shown that this build can load.
//!
//! Each is a public repository of a Hugging Face hub. The architecture is what the file's header names; a model
//! whose architecture or formats are not in the tables of the code is not offered.

use gollum_models::ARCHITECTURES;
use gollum_quant::FORMATS;

use crate::quantities::show_bytes;

/// One model of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// What to write after `gollum pull`.
    pub name: &'static str,
    /// `owner/repository:QUANT`, or without the quant where the repository has one file only.
    pub source: &'static str,
    /// Bytes of the download, to about a hundredth.
    pub bytes: u64,
    /// `general.architecture` of the file.
    architecture: &'static str,
    /// ggml types of its matrices.
    formats: &'static [&'static str],
}

const Q4_K_M: &[&str] = &["F32", "Q4_K", "Q6_K"];
const Q8_0: &[&str] = &["F32", "Q8_0"];
const MXFP4: &[&str] = &["F32", "Q8_0", "MXFP4"];

const fn entry(
    name: &'static str,
    source: &'static str,
    megabytes: u64,
    architecture: &'static str,
    formats: &'static [&'static str],
) -> Entry {
    Entry { name, source, bytes: megabytes * 1_000_000, architecture, formats }
}

/// Smallest first.
const CATALOGUE: &[Entry] = &[
    entry("qwen3-0.6b", "Qwen/Qwen3-0.6B-GGUF:Q8_0", 639, "qwen3", Q8_0),
    entry("gemma-3-1b-it", "ggml-org/gemma-3-1b-it-GGUF:Q4_K_M", 806, "gemma3", Q4_K_M),
    entry("llama-3.2-1b-instruct", "bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", 808, "llama", Q4_K_M),
    entry("smollm2-1.7b-instruct", "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M", 1_056, "llama", Q4_K_M),
    entry("qwen2.5-1.5b-instruct", "Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q4_K_M", 1_117, "qwen2", Q4_K_M),
    entry("qwen3-1.7b", "Qwen/Qwen3-1.7B-GGUF:Q8_0", 1_834, "qwen3", Q8_0),
    entry("llama-3.2-3b-instruct", "bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", 2_019, "llama", Q4_K_M),
    entry("qwen2.5-3b-instruct", "Qwen/Qwen2.5-3B-Instruct-GGUF:Q4_K_M", 2_105, "qwen2", Q4_K_M),
    entry("phi-3.5-mini-instruct", "bartowski/Phi-3.5-mini-instruct-GGUF:Q4_K_M", 2_393, "phi3", Q4_K_M),
    entry("gemma-3-4b-it", "ggml-org/gemma-3-4b-it-GGUF:Q4_K_M", 2_490, "gemma3", Q4_K_M),
    entry("qwen3-4b", "Qwen/Qwen3-4B-GGUF:Q4_K_M", 2_497, "qwen3", Q4_K_M),
    entry(
        "llama-3.1-8b-instruct",
        "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q4_K_M",
        4_921,
        "llama",
        Q4_K_M,
    ),
    entry("qwen3-8b", "Qwen/Qwen3-8B-GGUF:Q4_K_M", 5_028, "qwen3", Q4_K_M),
    entry("gpt-oss-20b", "ggml-org/gpt-oss-20b-GGUF", 12_110, "gpt-oss", MXFP4),
];

/// A model may take this part of the free memory: a quarter leaves room for K and V, and keeps a CPU's answers
/// at a speed that is worth reading.
const SHARE_OF_FREE: u64 = 4;

/// The models that this build can load, smallest first.
pub fn loadable() -> impl Iterator<Item = &'static Entry> {
    let known = |entry: &&Entry| {
        ARCHITECTURES.iter().any(|a| a.gguf_name == entry.architecture)
            && entry.formats.iter().all(|format| FORMATS.iter().any(|f| f.name == *format))
    };
    CATALOGUE.iter().filter(known)
}

/// The model of that name, however it is capitalised.
pub fn find(name: &str) -> Option<&'static Entry> {
    loadable().find(|entry| entry.name.eq_ignore_ascii_case(name))
}

/// The largest model that is at ease in so much free memory; the smallest there is, if none.
pub fn best_for(free_bytes: u64) -> Option<&'static Entry> {
    let fits = |entry: &&Entry| entry.bytes <= free_bytes / SHARE_OF_FREE;
    loadable().filter(fits).last().or_else(|| loadable().next())
}

/// The list for people, with the one to take.
pub fn table(free_bytes: u64) -> String {
    let best = best_for(free_bytes);
    let widest = loadable().map(|entry| entry.name.len()).max().unwrap_or(0);
    let mut text = format!("Models to pull; {} of memory are free here.\n", show_bytes(free_bytes));
    for entry in loadable() {
        let mark = if best == Some(entry) { "*" } else { " " };
        let size = show_bytes(entry.bytes);
        text.push_str(&format!("{mark} {:widest$}  {size:>8}  {}\n", entry.name, entry.source));
    }
    if let Some(best) = best {
        text.push_str(&format!("* suits this machine:  gollum pull {}\n", best.name));
    }
    text.push_str(
        "Others:  gollum pull owner/repository:QUANT, or the address of a page or file on the hub\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_loaded_is_offered() {
        assert!(loadable().count() >= 5, "llama and gemma3 alone are five");
        assert!(loadable().all(|e| ARCHITECTURES.iter().any(|a| a.gguf_name == e.architecture)));
        let offered = |name: &str| find(name).is_some();
        for entry in CATALOGUE {
            let has_architecture = ARCHITECTURES.iter().any(|a| a.gguf_name == entry.architecture);
            let has_formats = entry.formats.iter().all(|name| FORMATS.iter().any(|f| f.name == *name));
            assert_eq!(offered(entry.name), has_architecture && has_formats, "{}", entry.name);
        }
    }

    #[test]
    fn names_are_unique_and_sizes_ascend() {
        for pair in CATALOGUE.windows(2) {
            assert!(pair[0].bytes <= pair[1].bytes, "{} {}", pair[0].name, pair[1].name);
        }
        for entry in CATALOGUE {
            assert_eq!(CATALOGUE.iter().filter(|e| e.name == entry.name).count(), 1);
            assert!(!entry.name.contains(['/', ':']) && entry.source.contains('/'), "{}", entry.name);
        }
    }

    #[test]
    fn the_choice_grows_with_the_memory() {
        let best = |gib: u64| best_for(gib << 30).map_or(0, |e| e.bytes);
        assert!(best(2) > 0, "a small machine gets the smallest");
        assert!(best(4) <= 1 << 30 && best(64) > 4_000_000_000, "{} {}", best(4), best(64));
        for gib in 4..64 {
            assert!(best(gib) <= best(gib + 1) && best(gib) <= (gib << 30) / SHARE_OF_FREE);
        }
        let shown = table(16 << 30);
        let name = best_for(16 << 30).expect("there is one").name;
        assert!(shown.contains(&format!("gollum pull {name}")), "{shown}");
    }
}

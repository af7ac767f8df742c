//! How tokens are chosen where a request does not say: the flag, else what the file asks for, else the values
//! that llama.cpp's users know.
//!
//! Files ask by `general.sampling.*`, which llama.cpp's converter copies from a model's `generation_config.json`.

use gollum_core::SamplingParams;
use gollum_gguf::{Metadata, Value};

use crate::cli::SamplingArgs;

/// Where all the keys begin.
const PREFIX: &str = "general.sampling.";
/// For what neither flag nor file says. Source: llama.cpp's defaults.
const TEMPERATURE: f32 = 0.8;
const TOP_K: u32 = 40;
const TOP_P: f32 = 0.95;
const MIN_P: f32 = 0.05;
/// Repeats are penalised over this many tokens: all, which llama.cpp writes as -1.
const ALL_TOKENS: f64 = -1.0;

/// What a file's metadata asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileSampling {
    /// The values that we have, where the file sets them.
    pub asked: SamplingArgs,
    /// What would change answers and is not honoured, as sentences without a full stop.
    pub unheeded: Vec<String>,
}

impl FileSampling {
    /// Reads the keys. A value that means nothing is left aside and told.
    pub fn of(metadata: &Metadata) -> Self {
        let mut keys = Keys { metadata, unheeded: Vec::new() };
        let penalty_tokens = keys.number("penalty_last_n", -1.0..=f64::MAX).unwrap_or(ALL_TOKENS);
        let mut asked = SamplingArgs {
            // llama.cpp is greedy at 0 and below.
            temperature: keys.number("temp", f64::MIN..=100.0).map(|t| t.max(0.0) as f32),
            top_k: keys.number("top_k", f64::MIN..=f64::from(i32::MAX)).map(|k| k.max(0.0) as u32),
            top_p: keys
                .number("top_p", 0.0..=f64::MAX)
                .map(|p| p.min(1.0).max(f64::from(f32::MIN_POSITIVE)) as f32),
            min_p: keys.number("min_p", f64::MIN..=1.0).map(|p| p.max(0.0) as f32),
            repetition_penalty: keys.number("penalty_repeat", 0.01..=100.0).map(|p| p as f32),
            ..SamplingArgs::default()
        };
        if penalty_tokens == 0.0 {
            // A penalty over no tokens is none.
            asked.repetition_penalty = asked.repetition_penalty.map(|_| 1.0);
        } else if penalty_tokens != ALL_TOKENS && asked.repetition_penalty.is_some_and(|p| p != 1.0) {
            keys.tell(
                "penalty_last_n",
                &format!("is {penalty_tokens}; repeats are penalised over all tokens"),
            );
        }
        keys.unsupported("xtc_probability", |p| p <= 0.0);
        keys.unsupported("mirostat", |kind| kind == 0.0);
        if metadata.get("general.sampling.sequence").is_some() {
            keys.tell("sequence", "asks for an order of its own; the order here is fixed");
        }
        Self { asked, unheeded: keys.unheeded }
    }
}

struct Keys<'a> {
    metadata: &'a Metadata,
    unheeded: Vec<String>,
}

impl Keys<'_> {
    fn tell(&mut self, key: &str, what: &str) {
        self.unheeded.push(format!("{PREFIX}{key} {what}"));
    }

    /// A number of any type inside the range.
    fn number(&mut self, key: &str, range: std::ops::RangeInclusive<f64>) -> Option<f64> {
        let value = match self.metadata.get(&format!("{PREFIX}{key}"))? {
            Value::F32(value) => Some(f64::from(*value)),
            Value::F64(value) => Some(*value),
            other => other.as_integer().map(|value| value as f64),
        };
        let usable = value.filter(|value| value.is_finite() && range.contains(value));
        if usable.is_none() {
            let shown = value.map_or("no number".to_owned(), |value| value.to_string());
            self.tell(key, &format!("is {shown}, which is no usable value"));
        }
        usable
    }

    fn unsupported(&mut self, key: &str, is_off: fn(f64) -> bool) {
        if let Some(value) = self.number(key, f64::MIN..=f64::MAX).filter(|&value| !is_off(value)) {
            self.tell(key, &format!("is {value}; that sampler is not there"));
        }
    }
}

/// The values in force for requests that say nothing.
pub fn defaults(flags: &SamplingArgs, file: &FileSampling) -> SamplingParams {
    let asked = &file.asked;
    let none = SamplingParams::default();
    SamplingParams {
        temperature: flags.temperature.or(asked.temperature).unwrap_or(TEMPERATURE),
        top_k: flags.top_k.or(asked.top_k).unwrap_or(TOP_K),
        top_p: flags.top_p.or(asked.top_p).unwrap_or(TOP_P),
        min_p: flags.min_p.or(asked.min_p).unwrap_or(MIN_P),
        repetition_penalty: flags
            .repetition_penalty
            .or(asked.repetition_penalty)
            .unwrap_or(none.repetition_penalty),
        presence_penalty: flags.presence_penalty.unwrap_or(none.presence_penalty),
        frequency_penalty: flags.frequency_penalty.unwrap_or(none.frequency_penalty),
        ..none
    }
}

/// The defaults of a file, for people: each value, and whether the file asks for it.
pub fn show(file: &FileSampling) -> String {
    let values = defaults(&SamplingArgs::default(), file);
    let asked = &file.asked;
    let rows = [
        ("temperature", values.temperature.to_string(), asked.temperature.is_some()),
        ("top_k", values.top_k.to_string(), asked.top_k.is_some()),
        ("top_p", values.top_p.to_string(), asked.top_p.is_some()),
        ("min_p", values.min_p.to_string(), asked.min_p.is_some()),
        ("repetition_penalty", values.repetition_penalty.to_string(), asked.repetition_penalty.is_some()),
    ];
    let row = |(name, value, of_file): (&str, String, bool)| {
        format!("{name} {value}{}", if of_file { " (file)" } else { "" })
    };
    rows.map(row).join(", ")
}

#[cfg(test)]
mod tests {
    use gollum_gguf::{Gguf, Writer};

    use super::*;

    fn file(pairs: &[(&str, Value)]) -> FileSampling {
        let writer = pairs
            .iter()
            .fold(Writer::new(), |w, (key, value)| w.meta(format!("{PREFIX}{key}"), value.clone()));
        let gguf =
            Gguf::from_bytes(writer.to_bytes().expect("a header can be written")).expect("it reads back");
        FileSampling::of(gguf.metadata())
    }

    fn values(flags: &SamplingArgs, file: &FileSampling) -> (f32, u32, f32, f32, f32) {
        let p = defaults(flags, file);
        (p.temperature, p.top_k, p.top_p, p.min_p, p.repetition_penalty)
    }

    #[test]
    fn a_file_that_says_nothing_gets_the_known_values() {
        let silent = file(&[]);
        assert!(silent.unheeded.is_empty());
        assert_eq!(values(&SamplingArgs::default(), &silent), (0.8, 40, 0.95, 0.05, 1.0));
        assert_eq!(show(&silent), "temperature 0.8, top_k 40, top_p 0.95, min_p 0.05, repetition_penalty 1");
    }

    #[test]
    fn the_file_is_heeded_and_a_flag_beats_it() {
        let qwen = file(&[
            ("temp", Value::F32(0.6)),
            ("top_k", Value::I32(20)),
            ("top_p", Value::F64(0.9)),
            ("min_p", Value::F32(0.0)),
            ("penalty_repeat", Value::F32(1.1)),
        ]);
        assert!(qwen.unheeded.is_empty(), "{:?}", qwen.unheeded);
        assert_eq!(values(&SamplingArgs::default(), &qwen), (0.6, 20, 0.9, 0.0, 1.1));
        let flags = SamplingArgs { temperature: Some(0.0), top_k: Some(5), ..SamplingArgs::default() };
        assert_eq!(values(&flags, &qwen), (0.0, 5, 0.9, 0.0, 1.1));
        assert!(show(&qwen).contains("temperature 0.6 (file)"), "{}", show(&qwen));
    }

    #[test]
    fn odd_values_have_llama_cpps_meaning_or_are_told() {
        let ways_off = file(&[
            ("temp", Value::I32(-1)),
            ("top_k", Value::I32(-1)),
            ("top_p", Value::F32(1.5)),
            ("min_p", Value::F32(-0.1)),
            ("penalty_repeat", Value::F32(1.3)),
            ("penalty_last_n", Value::I32(0)),
            ("mirostat", Value::I32(0)),
            ("xtc_probability", Value::F32(0.0)),
        ]);
        assert!(ways_off.unheeded.is_empty(), "{:?}", ways_off.unheeded);
        assert_eq!(values(&SamplingArgs::default(), &ways_off), (0.0, 0, 1.0, 0.0, 1.0));

        let nonsense = file(&[("temp", Value::F32(f32::NAN)), ("top_k", Value::String("many".into()))]);
        assert_eq!(nonsense.unheeded.len(), 2, "{:?}", nonsense.unheeded);
        assert_eq!(values(&SamplingArgs::default(), &nonsense).0, 0.8);

        let lacking = file(&[
            ("mirostat", Value::U32(2)),
            ("xtc_probability", Value::F32(0.5)),
            ("sequence", Value::String("kpmt".into())),
            ("penalty_repeat", Value::F32(1.3)),
            ("penalty_last_n", Value::I32(64)),
        ]);
        assert_eq!(lacking.unheeded.len(), 4, "{:?}", lacking.unheeded);
    }
}

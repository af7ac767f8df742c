//! Adjugates as parts of the experts they stand beside: a GroveMoE file as one of Qwen3 with wider experts.
//!
//! ```text
//! w * (down . f(gate . x, up . x) + s * down' . f(gate' . x, up' . x))
//!     = w * [down | s down'] . f([gate; gate'] . x, [up; up'] . x)            the dashed: the adjugate's
//! ```
//! So any engine that runs Qwen3 says what the logits are, whatever it thinks of adjugates.

use gollum_gguf::Value;

use super::File;

const FROM: &str = "grovemoe";
const TO: &str = "qwen3moe";

impl File {
    /// True of files whose adjugates change logits.
    pub fn has_adjugates(&self) -> bool {
        self.number("expert_group_scale").is_some_and(|scale| scale != 0.0)
    }

    /// The same model without adjugates. `self` is of F32 weights.
    pub fn without_adjugates(&self) -> Self {
        let mut file = Self { meta: Vec::new(), tensors: self.tensors.clone() };
        for (key, value) in &self.meta {
            match key.strip_prefix(&format!("{FROM}.")) {
                Some("experts_per_group" | "expert_group_scale" | "expert_chunk_feed_forward_length") => {}
                Some(suffix) => file.meta.push((format!("{TO}.{suffix}"), value.clone())),
                None if key == "general.architecture" => file.meta.push((key.clone(), TO.into())),
                None => file.meta.push((key.clone(), value.clone())),
            }
        }
        let number = |suffix| self.number(suffix).unwrap();
        let (group, scale) = (number("experts_per_group") as usize, number("expert_group_scale"));
        let mut inner = 0;
        for (name, dims, _, bytes) in &mut file.tensors {
            let Some(part) = name.strip_suffix("_exps.weight") else { continue };
            let other = &self.tensors.iter().find(|t| t.0 == format!("{part}_chexps.weight")).unwrap().3;
            // What is joined of a matrix: each row of `down`, all rows of the others at once.
            let (axis, stretches, factor) =
                if part.ends_with("down") { (0, dims[1], scale) } else { (1, 1, 1.0) };
            let experts = dims[2];
            let own = bytes.len() / (experts * stretches);
            let more = other.len() / (experts / group * stretches);
            let mut joined = Vec::new();
            for (at, stretch) in bytes.chunks(own).enumerate() {
                let from = (at / stretches / group * stretches + at % stretches) * more;
                joined.extend_from_slice(stretch);
                joined.extend(scaled(&other[from..from + more], factor));
            }
            dims[axis] += dims[axis] * more / own;
            inner = dims[axis];
            *bytes = joined;
        }
        file.tensors.retain(|t| !t.0.ends_with("_chexps.weight"));
        file.set(&format!("{TO}.expert_feed_forward_length"), inner as u32);
        file
    }

    fn number(&self, suffix: &str) -> Option<f32> {
        let value = self.meta.iter().find(|(key, _)| *key == format!("{FROM}.{suffix}"));
        value.and_then(|(_, value)| Value::as_f32(value))
    }
}

fn scaled(bytes: &[u8], factor: f32) -> Vec<u8> {
    let value = |b: &[u8]| f32::from_le_bytes(b.try_into().unwrap()) * factor;
    bytes.chunks(4).flat_map(|b| value(b).to_le_bytes()).collect()
}

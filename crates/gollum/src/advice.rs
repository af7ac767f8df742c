//! What a person is told at the start who has no model, or none but a small one: how to get better answers.

use crate::pull::catalogue;
use crate::quantities::{show_bytes, show_params};
use crate::store::Found;

/// Models with fewer weights are for trying things out: below half a billion, answers are more often wrong than right.
const DEMO_WEIGHTS: u64 = 500_000_000;

/// What to do for better answers: where no model is there, or none but such as are for trying things out.
pub fn better_models(models: &[Found], free_bytes: u64) -> String {
    let pull = match catalogue::best_for(free_bytes) {
        Some(entry) => {
            let (name, size) = (entry.name, show_bytes(entry.bytes));
            format!("  gollum pull {name:24}  {size}, suits the memory of this machine\n")
        }
        None => String::new(),
    };
    let more = "  gollum pull                           shows others; they are found without a restart\n";
    if models.iter().all(|found| !found.has_file()) {
        return format!(
            "There is no model here, so a toy answers with random words. For a real one:\n{pull}{more}  \
             or put a .gguf file into the models folder.\n"
        );
    }
    match models.iter().filter(|found| answers(found)).max_by_key(|found| weights(found)) {
        Some(largest) if weights(largest) < DEMO_WEIGHTS => format!(
            "{} has {} weights: it is for trying things out, and often wrong. For good answers:\n{pull}{more}",
            largest.id,
            show_params(weights(largest)),
        ),
        _ => String::new(),
    }
}

/// False of an encoder, of which nobody expects answers.
fn answers(found: &Found) -> bool {
    found.about.as_ref().is_none_or(|about| !about.only_embeds)
}

/// Weights by which a model's answers are judged; of an unknown one nobody expects less than of others.
fn weights(found: &Found) -> u64 {
    found.about.as_ref().map_or(u64::MAX, |about| about.weights)
}

/// The command that fetches a better model, where [`better_models`] has something to say.
pub fn pull_command(models: &[Found], free_bytes: u64) -> Option<String> {
    let is_demo = |found: &Found| !found.has_file() || weights(found) < DEMO_WEIGHTS;
    let mut judged = models.iter().filter(|found| answers(found)).peekable();
    judged.peek()?;
    let entry = catalogue::best_for(free_bytes).filter(|_| judged.all(is_demo))?;
    Some(format!("gollum pull {}", entry.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::TOY_ID;
    use crate::store::About;

    #[test]
    fn small_models_and_none_are_told_how_to_do_better() {
        let model = |id: &str, weights| {
            let about = About { weights, ..About::default() };
            let mut found = Found::without_file(id);
            found.path = "x.gguf".into();
            found.about = Some(about);
            found
        };
        let demo = model("SmolLM2-135M", 134_515_008);
        let check = |models: &[Found], words: &[&str]| {
            let text = better_models(models, 8 << 30);
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
            assert_eq!(text.is_empty(), words.is_empty(), "{text}");
            assert_eq!(pull_command(models, 8 << 30).is_none(), words.is_empty(), "{text}");
        };
        let best = catalogue::best_for(8 << 30).expect("there is one").name;
        check(&[Found::without_file(TOY_ID)], &["no model", "gollum pull", best]);
        check(std::slice::from_ref(&demo), &["SmolLM2-135M has 135 M weights", "trying things out", best]);
        let mut encoder = model("MiniLM", 22_700_000);
        encoder.about = encoder.about.map(|about| About { only_embeds: true, ..about });
        check(std::slice::from_ref(&encoder), &[]);
        check(&[demo.clone(), encoder], &["SmolLM2-135M has 135 M weights", best]);
        check(&[demo, model("Llama-3.2-1B", 1_235_814_400)], &[]);
    }
}

//! Log-probabilities in the older shape. A token is a number; its text is for people, and two numbers may have the same
//! text, or bytes that are no text at all.

use gollum_core::TokenId;
use gollum_frontend::{Frontend, ShownToken};

use super::objects::{CompletionLogprobs, TopLogprobs};
use crate::generate::spelling::spell;

/// The four lists of the older dialect.
pub fn lists(frontend: &Frontend, shown: &[ShownToken]) -> CompletionLogprobs {
    let mut lists = CompletionLogprobs::default();
    for entry in shown {
        lists.tokens.push(spell(frontend, entry.token));
        lists.token_logprobs.push(entry.logprob);
        lists
            .top_logprobs
            .push(entry.logprob.map(|chosen| top(entry, chosen, |token| spell(frontend, token))));
        lists.text_offset.push(entry.text_offset);
    }
    lists
}

/// The best tokens, and the chosen one if it is not among them. The chosen one's text is its own key; another
/// token of the same text goes by its number, as vLLM writes it.
fn top(entry: &ShownToken, chosen_logprob: f32, spell: impl Fn(TokenId) -> String) -> TopLogprobs {
    let chosen = spell(entry.token);
    let mut top: Vec<(String, f32)> = Vec::with_capacity(entry.top.len() + 1);
    for &(token, logprob) in &entry.top {
        let mut key = spell(token);
        let is_taken = key == chosen || top.iter().any(|(other, _)| *other == key);
        if token != entry.token && is_taken {
            key = format!("token_id:{token}");
        }
        top.push((key, logprob));
    }
    if !entry.top.iter().any(|&(token, _)| token == entry.token) {
        top.push((chosen, chosen_logprob));
    }
    TopLogprobs(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_one_text_keep_their_own_numbers_and_the_chosen_one_its_text() {
        let spell = |token: TokenId| ["a", "a", "b", "a"][token as usize].to_owned();
        let of = |token, logprob, best: &[(TokenId, f32)]| {
            let entry = ShownToken { token, logprob: Some(logprob), top: best.to_vec(), text_offset: 0 };
            let TopLogprobs(list) = top(&entry, logprob, spell);
            list.into_iter().map(|(key, logprob)| format!("{key}={logprob}")).collect::<Vec<_>>().join(" ")
        };
        let best = [(0, -1.0), (2, -2.0), (1, -3.0)];
        assert_eq!(of(0, -1.0, &best), "a=-1 b=-2 token_id:1=-3");
        assert_eq!(of(1, -3.0, &best), "token_id:0=-1 b=-2 a=-3");
        assert_eq!(of(3, -9.0, &best), "token_id:0=-1 b=-2 token_id:1=-3 a=-9");
        assert_eq!(of(2, -2.0, &best), "a=-1 b=-2 token_id:1=-3");
        assert_eq!(of(3, -9.0, &[]), "a=-9");
    }
}

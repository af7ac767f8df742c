//! Where a sequence's recurrent state is saved while it is computed.
//!
//! A snapshot costs a slot, and lets later requests go on from its place rather than from an earlier one. So it is taken
//! where others are likely to part or to go on:
//! - before the last token of the prompt: the same prompt again computes one row;
//! - where the prefix tree knew more than the snapshot that was found: the third request with this beginning is fast;
//! - where a waiting request that shares this prompt will part from it;
//! - at the last borders of messages, which are what people edit: behind tokens that would end an answer;
//! - at regular distances, of which there are never many: when there are, every second one is given up and the distance
//!   doubles, so a prompt of any length has between half and all of [`REGULAR`] of them.
//!
//! The end of the answer needs none: there the sequence hands its own state over.

use gollum_core::TokenId;

/// Tokens between two snapshots that are worth having: fewer are computed again as quickly.
const LEAST_DISTANCE: usize = 16;
/// Snapshots at regular distances that a sequence keeps at most.
const REGULAR: usize = 8;
/// Borders of messages that a prompt is cut at: its last two turns.
const BORDERS: usize = 4;
/// Cuts that wait at most; more are ignored.
const MOST_CUTS: usize = 32;

/// The places, and the regular snapshots taken so far.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    /// In tokens of the sequence, ascending.
    at: Vec<usize>,
    /// Tokens between regular snapshots; 0 takes none.
    every: usize,
    next_regular: usize,
    /// Where they were taken.
    regular: Vec<usize>,
}

impl Cuts {
    /// For a sequence that goes on from `start` tokens, with a prompt of `prompt_len`, of which the tree knew `known`.
    /// A snapshot takes as much memory as `state_tokens` tokens of K and V.
    pub fn new(start: usize, known: usize, prompt_len: usize, state_tokens: usize) -> Self {
        let every = state_tokens.clamp(256, 4096).next_power_of_two();
        let mut cuts = Self { at: Vec::new(), every, next_regular: start + every, regular: Vec::new() };
        for place in [known, prompt_len.saturating_sub(1)] {
            if place >= start + LEAST_DISTANCE {
                cuts.add(place);
            }
        }
        cuts
    }

    /// Asks for snapshots at the last borders of messages in `prompt` that lie behind its first `start` tokens. `ends`, which
    /// is sorted, has the tokens that end an answer.
    pub fn add_borders(&mut self, start: usize, prompt: &[TokenId], ends: &[TokenId]) {
        let behind = start + LEAST_DISTANCE..prompt.len();
        let borders = behind.rev().filter(|&place| ends.binary_search(&prompt[place - 1]).is_ok());
        borders.take(BORDERS).for_each(|place| self.add(place));
    }

    /// Asks for a snapshot after `place` tokens.
    pub fn add(&mut self, place: usize) {
        if let Err(at) = self.at.binary_search(&place)
            && self.at.len() < MOST_CUTS
        {
            self.at.insert(at, place);
        }
    }

    /// The next place in `computed + 1 ..= end`, which is then done with. True beside it: it is a regular one.
    pub fn next(&mut self, computed: usize, end: usize) -> Option<(usize, bool)> {
        let passed = self.at.partition_point(|&place| place <= computed);
        self.at.drain(..passed);
        if self.every > 0 && self.next_regular <= computed {
            self.next_regular = computed + self.every;
        }
        let regular = (self.every > 0).then_some(self.next_regular);
        match (self.at.first().copied(), regular) {
            (Some(place), regular) if place <= end && regular.is_none_or(|r| place <= r) => {
                self.at.remove(0);
                Some((place, false))
            }
            (_, Some(place)) if place <= end => {
                self.next_regular += self.every;
                Some((place, true))
            }
            _ => None,
        }
    }

    /// A regular snapshot was taken; returns the places of those to give up.
    pub fn taken(&mut self, place: usize) -> Vec<usize> {
        self.regular.push(place);
        if self.regular.len() < REGULAR {
            return Vec::new();
        }
        let (mut kept, mut given_up) = (Vec::new(), Vec::new());
        for (index, &place) in self.regular.iter().enumerate() {
            if index % 2 == 1 { kept.push(place) } else { given_up.push(place) }
        }
        self.regular = kept;
        self.every *= 2;
        given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(cuts: &mut Cuts, mut computed: usize, end: usize) -> Vec<usize> {
        let mut places = Vec::new();
        while let Some((place, _)) = cuts.next(computed, end) {
            places.push(place);
            computed = place;
        }
        places
    }

    #[test]
    fn cuts_are_before_the_last_token_where_others_part_and_at_distances() {
        let mut cuts = Cuts::new(0, 100, 600, 1);
        cuts.add(300);
        assert_eq!(all(&mut cuts, 0, 250), [100]);
        assert_eq!(all(&mut cuts, 250, 512), [256, 300, 512]);
        assert_eq!(all(&mut cuts, 512, 700), [599]);
        assert_eq!(
            all(&mut Cuts::new(590, 600, 600, 1), 590, 600),
            Vec::<usize>::new(),
            "too close to the start"
        );
    }

    #[test]
    fn messages_end_at_cuts() {
        let mut prompt = vec![1; 300];
        for border in [20, 50, 90, 100, 200, 299] {
            prompt[border - 1] = 7;
        }
        let mut cuts = Cuts::new(60, 0, 300, 1);
        cuts.add_borders(60, &prompt, &[7, 9]);
        assert_eq!(all(&mut cuts, 60, 299), [90, 100, 200, 299], "those that are known already are left out");
        let mut last = Cuts::new(0, 0, 0, 1);
        last.add_borders(0, &prompt, &[7]);
        assert_eq!(all(&mut last, 0, 255), [90, 100, 200], "of all six the last four");
    }

    #[test]
    fn regular_snapshots_stay_few() {
        let mut cuts = Cuts::new(0, 0, 0, 1);
        let (mut live, mut computed) = (Vec::new(), 0);
        while let Some((place, true)) = cuts.next(computed, 100_000) {
            live.push(place);
            let given_up = cuts.taken(place);
            live.retain(|p| !given_up.contains(p));
            assert!(live.len() < REGULAR);
            computed = place;
        }
        assert!(live.len() >= REGULAR / 2, "{live:?}");
        let distances: Vec<usize> = live.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(distances.iter().all(|d| *d <= 1 << 15), "{distances:?}");
    }
}

//! Stop strings in a stream of text: finds the first one to end, and never lets a part of one out too early.
//!
//! An Aho-Corasick automaton over bytes, with failure links only: `states <= 1 + 16 * 256`, built per request
//! in microseconds. Its depth after a byte is the length of the longest suffix of the text that begins a stop
//! string: exactly what has to be held back.

/// The automaton of one request.
#[derive(Debug)]
pub struct StopMatcher {
    stops: Vec<String>,
    states: Vec<State>,
    at: u32,
    /// Text held back: always the last `states[at].depth` bytes seen, or more where a character began earlier.
    held: String,
}

#[derive(Debug, Default)]
struct State {
    /// `(byte, state)`, few per state.
    next: Vec<(u8, u32)>,
    fail: u32,
    /// Bytes from the root.
    depth: usize,
    /// Longest stop string that ends here, here or along the failure links.
    ends: Option<u32>,
}

/// What a piece of text led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Text that is certainly part of the answer.
    pub text: String,
    /// The stop string that ended the answer, an index into the list.
    pub stop: Option<usize>,
}

impl StopMatcher {
    /// An automaton for `stops`, none of them empty.
    pub fn new(stops: Vec<String>) -> Self {
        let mut states = vec![State::default()];
        for (index, stop) in stops.iter().enumerate() {
            let mut at = 0;
            for byte in stop.bytes() {
                at = match child(&states, at, byte) {
                    Some(next) => next,
                    None => {
                        let new = states.len() as u32;
                        let depth = states[at as usize].depth + 1;
                        states.push(State { depth, ..State::default() });
                        states[at as usize].next.push((byte, new));
                        new
                    }
                };
            }
            // Of two equal ones the first is reported.
            states[at as usize].ends.get_or_insert(index as u32);
        }
        link(&mut states);
        Self { stops, states, at: 0, held: String::new() }
    }

    /// The stop strings.
    pub fn stops(&self) -> &[String] {
        &self.stops
    }

    /// Adds text. After a stop was reported nothing more may be added.
    ///
    /// The stop that ends first wins; of several that end at the same byte, the one that began first.
    pub fn push(&mut self, text: &str) -> Passed {
        if self.stops.is_empty() {
            return Passed { text: text.to_owned(), stop: None };
        }
        let before = self.held.len();
        self.held.push_str(text);
        for (index, byte) in text.bytes().enumerate() {
            self.at = step(&self.states, self.at, byte);
            if let Some(stop) = self.states[self.at as usize].ends {
                let start = before + index + 1 - self.stops[stop as usize].len();
                self.held.truncate(start);
                return Passed { text: std::mem::take(&mut self.held), stop: Some(stop as usize) };
            }
        }
        // The held suffix begins a stop string, and stop strings begin with a whole character.
        let certain = self.held.len() - self.states[self.at as usize].depth;
        let rest = self.held.split_off(certain);
        Passed { text: std::mem::replace(&mut self.held, rest), stop: None }
    }

    /// Ends the text: what was held back is part of the answer after all.
    pub fn finish(&mut self) -> String {
        self.at = 0;
        std::mem::take(&mut self.held)
    }
}

fn child(states: &[State], at: u32, byte: u8) -> Option<u32> {
    states[at as usize].next.iter().find(|&&(b, _)| b == byte).map(|&(_, state)| state)
}

fn step(states: &[State], mut at: u32, byte: u8) -> u32 {
    loop {
        if let Some(next) = child(states, at, byte) {
            return next;
        }
        if at == 0 {
            return 0;
        }
        at = states[at as usize].fail;
    }
}

/// Sets failure links and inherited ends, breadth first, so that shallower states are done before.
fn link(states: &mut [State]) {
    let mut queue: Vec<u32> = states[0].next.iter().map(|&(_, state)| state).collect();
    let mut done = 0;
    while done < queue.len() {
        let at = queue[done] as usize;
        done += 1;
        let fail = states[at].fail;
        // Its own end is longer than any inherited one.
        states[at].ends = states[at].ends.or(states[fail as usize].ends);
        for (byte, next) in states[at].next.clone() {
            states[next as usize].fail = step(states, fail, byte);
            queue.push(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (String, Option<usize>) {
        let mut matcher = StopMatcher::new(stops.iter().map(|s| (*s).to_owned()).collect());
        let mut text = String::new();
        for piece in pieces {
            let passed = matcher.push(piece);
            text += &passed.text;
            if passed.stop.is_some() {
                return (text, passed.stop);
            }
        }
        text += &matcher.finish();
        (text, None)
    }

    #[test]
    fn the_first_to_end_wins_wherever_the_pieces_part() {
        type Case = (&'static [&'static str], &'static str, &'static str, Option<usize>);
        let cases: [Case; 10] = [
            (&["END"], "abcENDdef", "abc", Some(0)),
            (&["END"], "abcEN", "abcEN", None),
            (&["aab"], "aaaab", "aa", Some(0)),
            (&["abcd", "bc"], "xabcd", "xa", Some(1)),
            (&["bc", "abc"], "xabc", "x", Some(1)),
            (&["\n\n", "\nUser:"], "hi\nUser: x", "hi", Some(1)),
            (&["é"], "cafe\u{301} café", "cafe\u{301} caf", Some(0)),
            (&["😀😀"], "😀x😀😀", "😀x", Some(0)),
            (&[], "anything", "anything", None),
            (&["x", "x"], "yx", "y", Some(0)),
        ];
        for (stops, text, expected, stop) in cases {
            let letters: Vec<String> = text.chars().map(String::from).collect();
            let pieces: Vec<&str> = letters.iter().map(String::as_str).collect();
            assert_eq!(run(stops, &[text]), (expected.to_owned(), stop), "{text:?} whole");
            assert_eq!(run(stops, &pieces), (expected.to_owned(), stop), "{text:?} by characters");
        }
    }

    #[test]
    fn the_largest_automaton_is_cheap() {
        let stops: Vec<String> = (0..16).map(|i| format!("{}{i:02}", "a".repeat(254))).collect();
        let start = std::time::Instant::now();
        let mut matcher = StopMatcher::new(stops);
        for _ in 0..1000 {
            assert_eq!(matcher.push(&"a".repeat(100)).stop, None);
        }
        assert!(start.elapsed().as_millis() < 100, "{:?}", start.elapsed());
        assert_eq!(matcher.finish().len(), 254);
    }
}

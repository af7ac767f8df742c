//! Which fields a parser asks for: what a body may hold, told by the code that reads it. One parse of a small valid body asks
//! for every field of its first level, whether it is there or not.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::error::ApiError;

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is read.
    Honoured,
    /// It is a 400, unless its value changes nothing.
    Refused,
}

/// A body that a route takes.
pub struct Form {
    /// The route's path.
    pub path: &'static str,
    /// A small body that is valid.
    pub example: &'static str,
    /// The route's parser.
    pub read: fn(&[u8]) -> Result<(), ApiError>,
}

thread_local! {
    static ASKED: RefCell<Option<BTreeMap<String, Fate>>> = const { RefCell::new(None) };
}

/// Notes that a parser asks for a field, if anyone wants to know.
pub fn note(prefix: &str, name: &str, fate: Fate) {
    if !prefix.is_empty() {
        return;
    }
    ASKED.with_borrow_mut(|asked| {
        if let Some(asked) = asked {
            asked.entry(name.to_owned()).or_insert(fate);
        }
    });
}

impl Form {
    /// The fields of its first level. Errors: the example is none.
    pub fn fields(&self) -> Result<BTreeMap<String, Fate>, ApiError> {
        ASKED.set(Some(BTreeMap::new()));
        let read = (self.read)(self.example.as_bytes());
        let asked = ASKED.take();
        read.map(|()| asked.unwrap_or_default())
    }
}

//! Names of models and of their files: what can be an id, and how split files are numbered.

use std::path::Path;

/// Longest id in bytes: what the server takes as the name of a model.
pub const ID_MAX_BYTES: usize = 255;

/// What is wrong with a name that [`is_id`] refuses.
pub const NOT_AN_ID: &str =
    "cannot be a model's name: no control characters, backslashes, or parts `.` and `..`";

/// True if requests can use `text` as a model's name: 1 to 255 bytes of any script, `/` and `:` included, without
/// control characters, marks that turn the direction of text, backslashes, blanks at the ends, and parts that
/// address rules would rewrite (empty ones, `.` and `..`).
pub fn is_id(text: &str) -> bool {
    (1..=ID_MAX_BYTES).contains(&text.len())
        && !text.chars().any(is_odd)
        && text.trim() == text
        && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// True if `text` is an id and can be the name of one file or folder on every system.
pub fn is_file_name(text: &str) -> bool {
    is_id(text) && !text.contains(['/', ':']) && !text.starts_with('.')
}

/// Characters that no name needs and that could forge lines of a log.
fn is_odd(c: char) -> bool {
    c.is_control() || matches!(c, '\\' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// An id made of a name that may not be one: odd characters become `-`.
pub fn cleaned(name: &str) -> String {
    let mut id: String = name.trim().chars().map(|c| if is_odd(c) { '-' } else { c }).collect();
    while id.len() > ID_MAX_BYTES {
        id.pop();
    }
    if is_id(&id) { id } else { "model".to_owned() }
}

/// A split file's name, taken apart.
pub struct SplitName<'a> {
    /// What the parts share: `big` of `big-00001-of-00002`.
    pub name: &'a str,
    /// From 1.
    pub part: u32,
    /// Parts of the whole.
    pub count: u32,
}

/// `name-00002-of-00003`, without the ending, taken apart.
pub fn split_of(stem: &str) -> Option<SplitName<'_>> {
    let five = |text: &str| (text.len() == 5).then(|| text.parse::<u32>().ok()).flatten();
    let (rest, count) = stem.rsplit_once("-of-")?;
    let (name, part) = rest.rsplit_once('-')?;
    let count = five(count)?;
    Some(SplitName { name, part: five(part)?, count })
}

/// The name that the parts of a split share, or the stem itself.
pub fn whole_name(stem: &str) -> &str {
    split_of(stem).map_or(stem, |split| split.name)
}

/// The name of a .gguf file without its ending; `None` for other files.
pub fn gguf_stem(path: &Path) -> Option<String> {
    let ending = path.extension()?;
    ending.eq_ignore_ascii_case("gguf").then(|| path.file_stem().map(|s| s.to_string_lossy().into_owned()))?
}

/// `owner/name` of a folder that the Hugging Face libraries name `models--owner--name`.
pub fn hub_name(folder: &str) -> Option<String> {
    let parts: Vec<&str> = folder.strip_prefix("models--")?.split("--").collect();
    // A few old repositories have no owner.
    (parts.len() <= 2).then(|| parts.join("/")).filter(|name| is_id(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_names_of_any_script_and_no_tricks() {
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a//b",
            "/a",
            "a/",
            "a/../b",
            "a\\b",
            "a\0",
            "a\nb",
            " a",
            "a ",
            "x\u{202e}y",
        ] {
            assert!(!is_id(bad), "{bad:?}");
        }
        assert!(!is_id(&"x".repeat(256)));
        for good in
            ["a", "SmolLM2-135M.Q4_1", "...", "org/name:Q4_K_M", "a b+c", "Grüße-7B", "模型", "%2e%2e"]
        {
            assert!(is_id(good), "{good:?}");
        }
        assert!(is_id(&"x".repeat(255)));
    }

    #[test]
    fn file_names_lead_nowhere_else() {
        for bad in ["a/b", "a:b", ".hidden", ""] {
            assert!(!is_file_name(bad), "{bad:?}");
        }
        assert!(is_file_name("Grüße +1"));
    }

    #[test]
    fn what_cannot_be_an_id_is_cleaned() {
        assert_eq!(cleaned("my model"), "my model");
        assert_eq!(cleaned("a\tb\\c"), "a-b-c");
        assert_eq!(cleaned(".."), "model");
        assert_eq!(cleaned(&"ä".repeat(200)).len(), 254);
    }

    #[test]
    fn folders_of_the_hub_cache_are_known() {
        assert_eq!(hub_name("models--Qwen--Qwen3-4B-GGUF").as_deref(), Some("Qwen/Qwen3-4B-GGUF"));
        assert_eq!(hub_name("models--gpt2").as_deref(), Some("gpt2"));
        assert_eq!(hub_name("datasets--a--b"), None);
        assert_eq!(hub_name("models--a--b--c"), None);
    }
}

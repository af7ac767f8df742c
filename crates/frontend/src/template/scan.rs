//! What a compiler would choke on, found before it sees the source: very many tags, and very long ones. A chain
//! such as `1+1+1+..` costs time and stack in proportion to its length, several times over.

use crate::template::TemplateError;

/// `{{ .. }}` and `{% .. %}` at most. Large templates in use have some 500.
const MAX_TAGS: usize = 4096;
/// Bytes of one tag at most, strings not counted. Large ones in use have some 1,000.
const MAX_TAG_BYTES: usize = 8 << 10;

/// Counts tags and their lengths, as the lexer would see them.
pub fn check(source: &str) -> Result<(), TemplateError> {
    let bytes = source.as_bytes();
    let (mut at, mut tags) = (0, 0);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"{#" => match source[at + 2..].find("#}") {
                Some(end) => at += 2 + end + 2,
                None => return Err(TemplateError::Source { message: "a comment does not end".into() }),
            },
            open @ (b"{{" | b"{%") => {
                tags += 1;
                if tags > MAX_TAGS {
                    return Err(TemplateError::Limit { what: "tags" });
                }
                at = end_of_tag(bytes, at + 2, if open == b"{{" { b"}}" } else { b"%}" })?;
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// Where the tag that is open at `at` ends.
fn end_of_tag(bytes: &[u8], mut at: usize, close: &[u8; 2]) -> Result<usize, TemplateError> {
    let (mut length, mut braces) = (0, 0usize);
    while at < bytes.len() {
        if braces == 0 && bytes[at..].starts_with(close) {
            return Ok(at + 2);
        }
        match bytes[at] {
            quote @ (b'"' | b'\'') => at = end_of_string(bytes, at + 1, quote),
            b'{' => (at, braces) = (at + 1, braces + 1),
            b'}' => (at, braces) = (at + 1, braces.saturating_sub(1)),
            _ => at += 1,
        }
        length += 1;
        if length > MAX_TAG_BYTES {
            return Err(TemplateError::Limit { what: "tag bytes" });
        }
    }
    Ok(at)
}

fn end_of_string(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_tags_and_many_tags_are_found_and_text_is_not() {
        let chain = "+1".repeat(5000);
        let refused = [
            format!("{{{{ 1{chain} }}}}"),
            format!("{{% if 1{chain} %}}{{% endif %}}"),
            format!("{{{{ '}}}}' ~ 1{chain} }}}}"),
            format!("{{{{ {{'a': {{'b': 1}}}} ~ 1{chain} }}}}"),
            format!("{{{{ \"\\\"}}}}\" ~ 1{chain} }}}}"),
            "{{x}}".repeat(4097),
        ];
        for source in refused {
            assert!(check(&source).is_err(), "{}", &source[..40]);
        }
        let long_text = "x".repeat(200_000);
        let accepted = [
            long_text.clone(),
            format!("{{# {long_text} #}}{{{{ 1 }}}}"),
            format!("{{{{ '{long_text}' }}}}"),
            "{{x}}".repeat(4096),
            "{".repeat(10),
            "{{".into(),
            "{{ 'open".into(),
            "{{ '\\".into(),
        ];
        for source in accepted {
            assert_eq!(check(&source), Ok(()), "{}", &source[..source.len().min(40)]);
        }
    }
}

//! Python's way to write bytes between quotes, which is how RWKV's files spell tokens.
//!
//! ```text
//! \t \n \r    tab, newline, carriage return       \x41    a byte       \ and anything else    that
//! ```

/// Appends the bytes that `text` spells. What is no escape stands for itself.
pub(crate) fn append(text: &str, bytes: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, taken) = match (first, tail) {
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b'x', high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex_digit(*high) << 4 | hex_digit(*low), 4)
            }
            (b'\\', [escaped, ..]) => (*escaped, 2),
            _ => (first, 1),
        };
        bytes.push(byte);
        rest = &rest[taken..];
    }
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_bytes() {
        for (text, expected) in [
            ("a\\tb\\n\\r", &b"a\tb\n\r"[..]),
            ("\\xe4\\xBD\\x00", b"\xe4\xbd\0"),
            ("\\\\x41\\'", b"\\x41'"),
            ("\\x4", b"x4"),
            ("\\xzz\\", b"xzz\\"),
            ("é", "é".as_bytes()),
        ] {
            let mut bytes = Vec::new();
            append(text, &mut bytes);
            assert_eq!(bytes, expected, "{text}");
        }
    }
}

//! GPT-2's way to write any byte as a printable character, so that a vocabulary of bytes is a list of strings.
//!
//! ```text
//! '!'..='~', '¡'..='¬', '®'..='ÿ'    themselves
//! the other 68 bytes, in order       U+0100, U+0101, ..   (space is U+0120, newline U+010A)
//! ```

/// Bytes that need a character of their own.
const SHIFTED: usize = 68;

/// The character of each byte.
pub(crate) const BYTE_CHARS: [char; 256] = {
    let mut chars = ['\0'; 256];
    let mut shifted = 0;
    let mut byte = 0;
    while byte < 256 {
        chars[byte] = if is_printable(byte as u8) {
            byte as u8 as char
        } else {
            shifted += 1;
            match char::from_u32(0xff + shifted) {
                Some(c) => c,
                None => panic!("U+0100 and up are characters"),
            }
        };
        byte += 1;
    }
    assert!(shifted as usize == SHIFTED);
    chars
};

/// The byte of each character from U+0100 on.
const SHIFTED_BYTES: [u8; SHIFTED] = {
    let mut bytes = [0; SHIFTED];
    let mut byte = 0;
    while byte < 256 {
        let code_point = BYTE_CHARS[byte] as usize;
        if code_point >= 0x100 {
            bytes[code_point - 0x100] = byte as u8;
        }
        byte += 1;
    }
    bytes
};

const fn is_printable(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// Appends the bytes that `text` stands for. A character that stands for none is appended as it is.
pub(crate) fn text_to_bytes(text: &str, bytes: &mut Vec<u8>) {
    for c in text.chars() {
        match u8::try_from(c) {
            Ok(byte) if is_printable(byte) => bytes.push(byte),
            _ => match (c as usize).checked_sub(0x100).and_then(|at| SHIFTED_BYTES.get(at)) {
                Some(&byte) => bytes.push(byte),
                None => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let text: String = BYTE_CHARS.iter().collect();
        let mut bytes = Vec::new();
        text_to_bytes(&text, &mut bytes);
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
        assert_eq!(BYTE_CHARS[usize::from(b' ')], 'Ġ');
        assert_eq!(BYTE_CHARS[usize::from(b'\n')], 'Ċ');
    }

    #[test]
    fn a_character_that_is_no_byte_stays() {
        let mut bytes = Vec::new();
        text_to_bytes("Ġ漢\u{144}\u{7f}", &mut bytes);
        assert_eq!(bytes, " 漢\u{144}\u{7f}".as_bytes());
    }
}

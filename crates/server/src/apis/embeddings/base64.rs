//! Base64 of f32 values, little-endian: what `encoding_format: base64` means. RFC 4648, section 4, with padding.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of the values' bytes.
pub fn encode(values: &[f32]) -> String {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let sixth = bits >> (18 - 6 * i) & 63;
            text.push(if i > group.len() { '=' } else { char::from(ALPHABET[sixth as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values whose bytes are a text.
    fn of(text: &[u8]) -> Vec<f32> {
        text.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }

    #[test]
    fn known_texts_are_packed_as_the_standard_says() {
        assert_eq!(encode(&[]), "");
        assert_eq!(encode(&of(b"Many")), "TWFueQ==");
        assert_eq!(encode(&of(b"Many han")), "TWFueSBoYW4=");
        assert_eq!(encode(&of(b"Many hands m")), "TWFueSBoYW5kcyBt");
        assert_eq!(encode(&[1.0]), "AACAPw==");
        assert_eq!(encode(&[f32::from_bits(0xffff_ffff)]), "/////w==");
    }
}

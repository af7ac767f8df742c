//! The grids of the IQ formats: rows of levels that an index picks, four or eight weights at once.
//!
//! ```text
//! row of eight   u32, byte b: level of weight b in bits 0..2, of weight 4 + b in bits 2..4
//! row of four    u32, byte b: level of weight b in bits 0..3
//! ```
//! So a word is what a vector kernel wants of a lane: one or two groups of four weights. What a level is worth is the
//! format's to say. 18 KiB in all, unpacked when the program is compiled from the 9 KiB of `data`.

mod data;

/// Rows of eight, levels 0 to 2.
pub static IQ2_XXS: [u32; 256] = rows_of_eight(data::IQ2_XXS);
/// Rows of eight, levels 0 to 2.
pub static IQ2_XS: [u32; 512] = rows_of_eight(data::IQ2_XS);
/// Rows of eight, levels 0 to 2.
pub static IQ2_S: [u32; 1024] = rows_of_eight(data::IQ2_S);
/// Rows of four, levels 0 to 7.
pub static IQ3_XXS: [u32; 256] = rows_of_four(data::IQ3_XXS);
/// Rows of four, levels 0 to 7.
pub static IQ3_S: [u32; 512] = rows_of_four(data::IQ3_S);
/// Rows of eight, levels 0 to 2; IQ1_S and IQ1_M share them.
pub static IQ1: [u32; 2048] = rows_of_eight(data::IQ1_S);

/// Level `i` of a row of eight.
pub(crate) fn level_of_eight(row: u32, i: usize) -> usize {
    (row >> (8 * (i % 4) + 2 * (i / 4)) & 3) as usize
}

/// Level `i` of a row of four.
pub(crate) fn level_of_four(row: u32, i: usize) -> usize {
    (row >> (8 * i) & 7) as usize
}

const fn rows_of_eight<const ROWS: usize>(hex: &str) -> [u32; ROWS] {
    let mut rows = packed_rows(hex);
    let mut r = 0;
    while r < ROWS {
        let packed = rows[r];
        let (mut word, mut i) = (0, 0);
        while i < 8 {
            word |= (packed >> (2 * i) & 3) << (8 * (i % 4) + 2 * (i / 4));
            i += 1;
        }
        rows[r] = word;
        r += 1;
    }
    rows
}

const fn rows_of_four<const ROWS: usize>(hex: &str) -> [u32; ROWS] {
    let mut rows = packed_rows(hex);
    let mut r = 0;
    while r < ROWS {
        let packed = rows[r];
        let (mut word, mut i) = (0, 0);
        while i < 4 {
            word |= (packed >> (4 * i) & 7) << (8 * i);
            i += 1;
        }
        rows[r] = word;
        r += 1;
    }
    rows
}

/// Two bytes a row, little-endian. Fails to compile if the digits are not exactly as many.
const fn packed_rows<const ROWS: usize>(hex: &str) -> [u32; ROWS] {
    let digits = hex.as_bytes();
    let mut rows = [0; ROWS];
    let (mut at, mut found) = (0, 0);
    while at < digits.len() {
        let value = match digits[at] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            _ => {
                at += 1;
                continue;
            }
        };
        // Digits of a byte come high one first.
        rows[found / 4] |= (value as u32) << [4, 0, 12, 8][found % 4];
        at += 1;
        found += 1;
    }
    assert!(found == 4 * ROWS);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_differ_and_keep_to_their_levels() {
        let check = |rows: &[u32], bits: u32| {
            let mut sorted = rows.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), rows.len());
            assert!(rows.iter().all(|row| row & !(bits * 0x0101_0101) == 0));
        };
        check(&IQ2_XXS, 15);
        check(&IQ2_XS, 15);
        check(&IQ2_S, 15);
        check(&IQ3_XXS, 7);
        check(&IQ3_S, 7);
        check(&IQ1, 15);
        let level = |row: &u32| (0..8).map(|i| level_of_eight(*row, i)).max();
        assert_eq!([&IQ2_XXS[..], &IQ2_XS, &IQ2_S, &IQ1].concat().iter().map(level).max(), Some(Some(2)));
    }

    #[test]
    fn a_row_opens_as_its_digits_say() {
        // Row 1 of IQ2_XXS is "0200", row 1 of IQ3_XXS "0200".
        assert_eq!(
            (0..8).map(|i| level_of_eight(IQ2_XXS[1], i)).collect::<Vec<_>>(),
            [2, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(
            (0..8).map(|i| level_of_eight(IQ2_XXS[2], i)).collect::<Vec<_>>(),
            [1, 1, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!((0..4).map(|i| level_of_four(IQ3_XXS[1], i)).collect::<Vec<_>>(), [2, 0, 0, 0]);
    }
}

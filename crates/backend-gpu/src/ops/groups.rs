//! Which rows attention takes together: those of one sequence, and those that read the same pages.

use gollum_core::{Batch, PAGE_TOKENS, PageId, SequenceSpan};
use gollum_kernels::KvGroup;

/// Positions of a tile of attention.
const TILE: usize = 64;
/// Its pages.
const TILE_PAGES: usize = TILE / PAGE_TOKENS;

/// All rows of a step in groups of up to `most`, as `shaders/attend.wgsl` reads them: how many rows, how many tiles they
/// share, and `most` numbers of rows, of which those behind the last one repeat the first.
///
/// Rows of a prompt go with their neighbours. Single rows, of sequences that decode, go with those whose tables begin with the
/// same pages, if that is half of the longest one or more: behind it a group goes through its rows one by one, for
/// which many threads would wait. In the window group tables have places without a page, so single rows stay alone there.
pub(super) fn groups_of(batch: &Batch, group: KvGroup, most: usize) -> Vec<u32> {
    let mut words = Vec::new();
    let mut add = |shared: usize, rows: &[usize]| {
        let padded = rows.iter().chain(std::iter::repeat(&rows[0])).take(most);
        words.extend([rows.len() as u32, u32::try_from(shared).unwrap_or(u32::MAX)]);
        words.extend(padded.map(|&row| row as u32));
    };
    let mut single: Vec<&SequenceSpan> = Vec::new();
    for span in &batch.sequences {
        if span.query_len == 1 && most > 1 && group == KvGroup::Full {
            single.push(span);
            continue;
        }
        let rows: Vec<usize> = (span.query_start..span.query_start + span.query_len).collect();
        rows.chunks(most).for_each(|rows| add(usize::MAX, rows));
    }
    // Side by side, those that begin alike.
    single.sort_by(|a, b| batch.block_table(a).cmp(batch.block_table(b)));
    let mut rest = single.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let (mut rows, mut shared, mut longest) = (vec![first.query_start], usize::MAX, first.table_len);
        for other in others.iter().take(most - 1) {
            let alike = shared.min(shared_tiles(batch.block_table(first), batch.block_table(other)));
            longest = longest.max(other.table_len);
            if alike == 0 || 2 * alike < longest.div_ceil(TILE_PAGES) {
                break;
            }
            shared = alike;
            rows.push(other.query_start);
        }
        add(shared, &rows);
        rest = &rest[rows.len()..];
    }
    words
}

/// Whole tiles that two block tables begin with.
fn shared_tiles(a: &[PageId], b: &[PageId]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count() / TILE_PAGES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(tables: &[(usize, &[u32])]) -> Batch {
        let mut batch = Batch::default();
        for (rows, table) in tables {
            batch.sequences.push(SequenceSpan {
                query_start: batch.tokens.len(),
                query_len: *rows,
                context_len: table.len() * PAGE_TOKENS,
                table_start: batch.block_tables.len(),
                table_len: table.len(),
                state: None,
            });
            batch.tokens.extend(vec![0; *rows]);
            batch.block_tables.extend(table.iter().map(|&page| PageId(page)));
        }
        batch
    }

    #[test]
    fn rows_of_a_prompt_go_together_and_single_rows_with_those_that_share() {
        let shared = [1, 2, 3, 4, 5, 6, 7, 8];
        let with = |own: &[u32]| [&shared, own].concat();
        let (a, b, c) = (with(&[9, 10]), with(&[11]), with(&[12, 13, 14, 15]));
        let long = with(&[20; 20]);
        let batch = batch(&[(1, &a), (6, &[30]), (1, &[31, 32]), (1, &b), (1, &long), (1, &c)]);
        const ALL: u32 = u32::MAX;
        let of_prompt = [4, ALL, 1, 2, 3, 4, 2, ALL, 5, 6, 5, 5];
        // Of a, b and c two tiles; the long one has five more, and the other nothing of theirs.
        let singles = [3, 2, 0, 8, 10, 0, 1, ALL, 9, 9, 9, 9, 1, ALL, 7, 7, 7, 7];
        assert_eq!(groups_of(&batch, KvGroup::Full, 4), [&of_prompt[..], &singles].concat());
        let alone = groups_of(&batch, KvGroup::Full, 1);
        assert_eq!(alone, (0..11).flat_map(|row| [1, ALL, row]).collect::<Vec<u32>>());
        let window = groups_of(&batch, KvGroup::Window, 4);
        assert_eq!(window.len() / 6, 7);
        assert_eq!(window[..6], [1, ALL, 0, 0, 0, 0]);
    }
}

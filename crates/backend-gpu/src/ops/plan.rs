//! Which rows attention takes together: those of one sequence, and those that read the same pages; and which rows' segments it
//! takes side by side.

use gollum_core::{Batch, PAGE_TOKENS, PageId, SequenceSpan};
use gollum_kernels::KvGroup;

use crate::memory::NONE;
use crate::shaders::BLOCK_ROWS;

/// Positions of a tile of attention.
const TILE: usize = 64;
/// Its pages.
const TILE_PAGES: usize = TILE / PAGE_TOKENS;

/// Positions of a segment of attention; see `shaders/segments.wgsl`.
const SEGMENT: usize = 512;
/// Rows of a step of a prompt whose segments are attended to side by side at most: more fill a device by themselves.
const SHORT: usize = 16;

/// Words of a group's entry before the numbers of its rows.
pub(super) const ENTRY_WORDS: usize = 6;

/// How a step's rows are attended to, as `shaders/attend.wgsl` and `shaders/join.wgsl` read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Groups, some of them once for each segment: how many rows, how many tiles they share, first segment and end, where
    /// the first row's part goes, parts from there to the next row's, and as many numbers of rows as a group may have, of which
    /// those behind the last one repeat the first.
    pub groups: Vec<u32>,
    /// Rows whose segments are put together: number, and part of segment 0.
    pub joined: Vec<u32>,
    /// Parts, of each head.
    pub parts: usize,
    /// Blocks of neighbours in longer prompts, as `shaders/attend_block.wgsl` reads them: first row, and how many.
    pub blocks: Vec<u32>,
}

/// What a plan is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// Pages that are read.
    pub pages: KvGroup,
    /// Rows of a group at most.
    pub rows: usize,
    /// Parts at most.
    pub parts: usize,
    /// True if rows of longer prompts go in blocks.
    pub has_blocks: bool,
}

impl Plan {
    /// Adds a group of rows, by segments if the step is short and there are parts left.
    fn add(&mut self, batch: &Batch, terms: Terms, shared: usize, rows: &[usize], is_short: bool) {
        let last = rows.iter().map(|&row| batch.positions[row]).max().unwrap_or(0);
        let segments = last as usize / SEGMENT + 1;
        let is_split = is_short && segments > 1 && self.parts + rows.len() * segments <= terms.parts;
        let walks = if is_split { segments } else { 1 };
        for walk in 0..walks as u32 {
            let part = self.parts as u32 + walk;
            let (first, end, part) = if is_split { (walk, walk + 1, part) } else { (0, u32::MAX, NONE) };
            let shared = u32::try_from(shared).unwrap_or(u32::MAX);
            self.groups.extend([rows.len() as u32, shared, first, end, part, segments as u32]);
            let padded = rows.iter().chain(std::iter::repeat(&rows[0])).take(terms.rows);
            self.groups.extend(padded.map(|&row| row as u32));
        }
        for &row in rows.iter().filter(|_| is_split) {
            self.joined.extend([row as u32, self.parts as u32]);
            self.parts += segments;
        }
    }
}

/// All rows of a step in groups and blocks.
///
/// Rows of a prompt go with their neighbours. Single rows, of sequences that decode, go with those whose tables begin with the
/// same pages, if that is half of the longest one or more: behind it a group goes through its rows one by one, for
/// which many threads would wait. In the window group tables have places without a page, so single rows stay alone there.
///
/// Few rows have few workgroups, so their segments have workgroups of their own, as long as there are parts.
pub(super) fn plan(batch: &Batch, terms: Terms) -> Plan {
    let mut plan = Plan::default();
    let most = terms.rows;
    let mut single: Vec<&SequenceSpan> = Vec::new();
    for span in &batch.sequences {
        if span.query_len == 1 && most > 1 && terms.pages == KvGroup::Full {
            single.push(span);
            continue;
        }
        let is_short = span.query_len <= SHORT;
        let rows: Vec<usize> = (span.query_start..span.query_start + span.query_len).collect();
        match terms.has_blocks && !is_short {
            true => plan
                .blocks
                .extend(rows.chunks(BLOCK_ROWS).flat_map(|rows| [rows[0] as u32, rows.len() as u32])),
            false => rows.chunks(most).for_each(|rows| plan.add(batch, terms, usize::MAX, rows, is_short)),
        }
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
        plan.add(batch, terms, shared, &rows, true);
        rest = &rest[rows.len()..];
    }
    plan
}

/// Whole tiles that two block tables begin with.
fn shared_tiles(a: &[PageId], b: &[PageId]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count() / TILE_PAGES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(rows: usize, parts: usize) -> Terms {
        Terms { pages: KvGroup::Full, rows, parts, has_blocks: false }
    }

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
            let end = (table.len() * PAGE_TOKENS) as u32;
            batch.positions.extend(end - *rows as u32..end);
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
        // Where segments begin and end, and parts: none, and one segment.
        const WHOLE: [u32; 4] = [0, ALL, NONE, 1];
        let group = |count: u32, shared: u32, rows: &[u32]| [&[count, shared], &WHOLE[..], rows].concat();
        let of_prompt = [group(4, ALL, &[1, 2, 3, 4]), group(2, ALL, &[5, 6, 5, 5])].concat();
        // Of a, b and c two tiles; the long one has five more, and the other nothing of theirs.
        let singles =
            [group(3, 2, &[0, 8, 10, 0]), group(1, ALL, &[9, 9, 9, 9]), group(1, ALL, &[7, 7, 7, 7])]
                .concat();
        let together = plan(&batch, full(4, 0));
        assert_eq!(together.groups, [of_prompt, singles].concat());
        let alone = plan(&batch, full(1, 0));
        assert_eq!(alone.groups, (0..11).flat_map(|row| group(1, ALL, &[row])).collect::<Vec<u32>>());
        let window = plan(&batch, Terms { pages: KvGroup::Window, ..full(4, 0) });
        assert_eq!(window.groups.len() / 10, 7);
        assert_eq!(window.groups[..10], group(1, ALL, &[0; 4]));
        assert_eq!((together.parts, together.joined.len()), (0, 0));
    }

    #[test]
    fn segments_of_few_rows_are_walked_side_by_side() {
        const ALL: u32 = u32::MAX;
        // Positions 1,055 and 783 of two that share nine tiles; 20 rows of a prompt; a short one.
        let (a, b): (Vec<u32>, Vec<u32>) = ((0..66).collect(), (0..37).chain(100..112).collect());
        let prompt: Vec<u32> = (200..280).collect();
        let batch = batch(&[(1, &a), (20, &prompt), (1, &b), (1, &[300])]);
        let with_parts = plan(&batch, full(4, 100));
        let prompt_groups = 5 * 10;
        assert_eq!(with_parts.groups[..10], [4, ALL, 0, ALL, NONE, 3, 1, 2, 3, 4]);
        let expected = [
            [2, 9, 0, 1, 0, 3, 0, 21, 0, 0],
            [2, 9, 1, 2, 1, 3, 0, 21, 0, 0],
            [2, 9, 2, 3, 2, 3, 0, 21, 0, 0],
            [1, ALL, 0, ALL, NONE, 1, 22, 22, 22, 22],
        ];
        assert_eq!(with_parts.groups[prompt_groups..], expected.concat());
        assert_eq!((with_parts.joined, with_parts.parts), (vec![0, 0, 21, 3], 6));
        // One part too few.
        let without = plan(&batch, full(4, 5));
        assert_eq!(without.groups[prompt_groups..prompt_groups + 10], [2, 9, 0, ALL, NONE, 3, 0, 21, 0, 0]);
        assert_eq!((without.joined.len(), without.parts), (0, 0));
    }

    #[test]
    fn longer_prompts_go_in_blocks() {
        let pages: Vec<u32> = (0..10).collect();
        let batch = batch(&[(1, &pages), (16, &pages), (35, &pages)]);
        let plan = plan(&batch, Terms { has_blocks: true, ..full(4, 0) });
        assert_eq!(plan.blocks, [17, 16, 33, 16, 49, 3]);
        assert_eq!(plan.groups.len(), 5 * 10);
    }
}

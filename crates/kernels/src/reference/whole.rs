//! Attention over whole inputs: [`attend_head`] over pages cut from the step's own K and V.
//!
//! An input's rows are taken 16 at a time from its first, so that a row's sums are the same wherever its input lies in
//! the step.

use gollum_core::PAGE_TOKENS;

use super::ReferenceOps;
use super::attention::{PageView, Query, attend_head};
use crate::{AttendWhole, BufId};

impl ReferenceOps {
    pub(super) fn over_whole_inputs(&mut self, a: &AttendWhole, [q, k, v]: [BufId; 3], out: BufId) {
        let rows = self.batch.num_tokens();
        let [q, k, v] = [q, k, v].map(|x| self.rows_of(x, rows));
        let (head_dim, group) = (a.head_dim, a.heads / a.kv_heads);
        let slopes = a.slopes.map(|s| self.vectors[s.0].as_slice());
        let target = &mut self.buffers[out.0].values;
        for span in &self.batch.sequences {
            for kv_head in 0..a.kv_heads {
                let cut =
                    |x: &[f32]| pages_of(x, span.query_start..span.query_start + span.query_len, a, kv_head);
                let (k, v) = (cut(&k), cut(&v));
                let page = |index: usize| {
                    let at = index * PAGE_TOKENS * head_dim..(index + 1) * PAGE_TOKENS * head_dim;
                    PageView { k: &k[at.clone()], v: &v[at] }
                };
                for position in 0..span.query_len {
                    let (start, last) = a.reach.range(position, span.query_len);
                    for head in kv_head * group..(kv_head + 1) * group {
                        let query = Query {
                            position,
                            start,
                            last,
                            scale: a.scale,
                            soft_cap: a.soft_cap,
                            slope: slopes.map(|slopes| slopes[head]),
                            sink: None,
                        };
                        let at = ((span.query_start + position) * a.heads + head) * head_dim;
                        attend_head(query, &q[at..at + head_dim], page, &mut target[at..at + head_dim]);
                    }
                }
            }
        }
    }
}

/// One head of the given rows, `[rows, head_dim]`, with NaN behind them up to a whole page: nobody may read those.
fn pages_of(x: &[f32], rows: std::ops::Range<usize>, a: &AttendWhole, kv_head: usize) -> Vec<f32> {
    let mut head: Vec<f32> = Vec::new();
    for row in rows {
        let at = (row * a.kv_heads + kv_head) * a.head_dim;
        head.extend(&x[at..at + a.head_dim]);
    }
    head.resize(head.len().next_multiple_of(PAGE_TOKENS * a.head_dim), f32::NAN);
    head
}

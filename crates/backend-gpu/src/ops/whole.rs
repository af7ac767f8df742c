//! Attention over whole inputs: every row of an input is in the step, so K and V are read where the matmuls left them.

use gollum_kernels::{AttendWhole, BufId, Reach};

use super::GpuOps;
use crate::shaders::{BLOCK_ROWS, Kernel, block_lanes};

impl GpuOps {
    /// See [`KernelOps::attend_whole`](gollum_kernels::KernelOps::attend_whole).
    pub(super) fn run_whole(&mut self, a: &AttendWhole, qkv: [BufId; 3], out: BufId) {
        let rows = self.step.batch.num_tokens();
        let [q, k, v] = qkv;
        let (width, kv_width) = (a.heads * a.head_dim, a.kv_heads * a.head_dim);
        assert!(a.heads.is_multiple_of(a.kv_heads), "{} heads over {}", a.heads, a.kv_heads);
        assert_eq!(qkv.map(|x| self.width(x)), [width, kv_width, kv_width], "widths of q, k and v");
        assert_eq!(self.width(out), width, "width of what was attended");
        assert!(
            a.slopes.is_none_or(|s| self.vectors.len(s) == a.heads),
            "a slope for each of {} heads",
            a.heads
        );
        // Workgroups that share a query, or keys, do not wait for one another.
        let base = self.activations.base(out);
        assert!(qkv.iter().all(|&x| self.activations.base(x) != base), "attention in place");
        let ((q, q_chunk), (k, k_chunk), (v, v_chunk)) =
            (self.source(q, rows), self.source(k, rows), self.source(v, rows));
        let (out, out_chunk) = self.target(out, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        // Behind the vectors, which may end a submission, and with it its lists.
        let blocks = self.blocks();
        let count = blocks.len() / 3;
        let blocks = self.recorder.list(blocks);
        let (lanes, pieces) = block_lanes(a.head_dim);
        let reach = match a.reach {
            Reach::All => u32::MAX,
            Reach::Within(n) => u32::try_from(n).unwrap_or(u32::MAX),
        };
        let params = [
            q.at as u32,
            k.at as u32,
            v.at as u32,
            out.at as u32,
            a.heads as u32,
            a.kv_heads as u32,
            a.head_dim as u32,
            a.head_dim as u32,
            pieces as u32,
            blocks,
            reach,
            a.scale.to_bits(),
            a.soft_cap.unwrap_or(0.0).to_bits(),
            self.vectors.at(a.slopes),
        ];
        let buffers =
            [("xs", &q_chunk), ("us", &k_chunk), ("vs", &v_chunk), ("ys", &out_chunk), ("vectors", &vectors)];
        self.recorder.dispatch(Kernel::AttendWhole { lanes }, &buffers, &params, [a.heads * pieces, count]);
    }

    /// Of each block of rows three words: the input's first row, the block's first row in the input, the input's length.
    fn blocks(&self) -> Vec<u32> {
        let mut words = Vec::new();
        for span in &self.step.batch.sequences {
            assert_eq!(span.query_len, span.context_len, "all rows of an input are in the step");
            for first in (0..span.query_len).step_by(BLOCK_ROWS) {
                words.extend([span.query_start, first, span.query_len].map(|word| word as u32));
            }
        }
        words
    }
}

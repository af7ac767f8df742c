//! Streams side by side in rows, and gates cut by how they are spread.

use gollum_kernels::{BufId, Coefficients, MAX_STREAMS, MixStreams};

use super::CpuOps;
use crate::kernels::streams::{CutRow, MatchRow, MixRowStreams};

impl CpuOps {
    pub(super) fn run_mix_streams(&self, f: &MixStreams, rows: usize) {
        let (terms_width, out_width, width) = (self.width(f.terms), self.width(f.out), f.width);
        let (count, streams) = (terms_width / width, out_width / width);
        assert!(
            (1..=MAX_STREAMS).contains(&count) && (1..=MAX_STREAMS).contains(&streams),
            "{streams} streams of {count}"
        );
        assert!(!self.share_memory(f.out, f.terms), "a mix cannot overwrite its terms");
        let (terms, out) = (self.ptr(f.terms, rows, count * width), self.ptr(f.out, rows, streams * width));
        let base = f.base.map(|base| self.ptr(base, rows, out_width));
        let (coefficients, step) = match f.coefficients {
            Coefficients::OfRows(of) => (self.ptr(of, rows, streams * count), streams * count),
            Coefficients::Same(all) => {
                assert_eq!(self.vectors[all.0].len(), streams * count, "coefficients of a mix");
                (self.vector_ptr(Some(all)), 0)
            }
        };
        let (weight, isa) = (self.vector_ptr(f.weight), self.isa);
        self.for_rows(rows, (count + streams) * width, &|row| {
            isa.run(MixRowStreams {
                base: base.map_or(std::ptr::null(), |base| base.at(row * out_width).cast_const()),
                terms: terms.at(row * terms_width),
                coefficients: coefficients.at(row * step),
                weight: weight.at(0),
                out: out.at(row * out_width),
                streams,
                count,
                width,
            });
        });
    }

    pub(super) fn match_rows(&self, x: BufId, like: BufId, rows: usize) {
        let (width, all) = (self.width(like), self.width(x));
        assert!(all.is_multiple_of(width), "heads of {width} in rows of {all}");
        let (x, like, isa) = (self.ptr(x, rows, all), self.ptr(like, rows, width), self.isa);
        self.for_rows(rows, 2 * all, &|row| {
            isa.run(MatchRow { x: x.at(row * all), heads: all / width, like: like.at(row * width), width });
        });
    }

    pub(super) fn cut_rows(&self, x: BufId, deviations: f32, rows: usize) {
        let n = self.width(x);
        let (x, isa) = (self.ptr(x, rows, n), self.isa);
        self.for_rows(rows, 2 * n, &|row| isa.run(CutRow { x: x.at(row * n), deviations, n }));
    }
}

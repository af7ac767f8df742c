//! Several residual streams in a row, and gates cut by how they are spread.

use gollum_kernels::{BufId, Coefficients, MAGNITUDE_FLOOR, MAX_STREAMS, MixStreams};

use super::GpuOps;
use crate::memory::NONE;
use crate::shaders::Kernel;

impl GpuOps {
    /// See [`MixStreams`].
    pub(super) fn mix(&mut self, f: &MixStreams, rows: usize) {
        let (out_width, terms_width) = (self.width(f.out), self.width(f.terms));
        let (streams, terms) = (out_width / f.width, terms_width / f.width);
        assert!(
            (1..=MAX_STREAMS).contains(&streams) && (1..=MAX_STREAMS).contains(&terms),
            "{streams} streams of {terms}"
        );
        assert_eq!([streams * f.width, terms * f.width], [out_width, terms_width], "whole streams");
        assert!(f.base.is_none_or(|base| self.width(base) == out_width), "a base as wide as the result");
        assert!(
            f.weight.is_none_or(|weight| self.vectors.len(weight) == f.width),
            "a weight as wide as a stream"
        );
        // Threads do not wait for one another, and each reads what others would write.
        let memory = self.activations.base(f.out);
        assert_ne!(self.activations.base(f.terms), memory, "terms mixed in place");
        let (x, x_chunk) = self.source(f.terms, rows);
        let (base, base_chunk) = match f.base.map(|base| self.source(base, rows)) {
            Some((place, chunk)) => (place.at as u32, chunk),
            None => (NONE, x_chunk.clone()),
        };
        let (c, c_chunk, of_rows) = match f.coefficients {
            Coefficients::OfRows(of) => {
                assert_eq!(self.width(of), streams * terms, "coefficients of {streams} streams of {terms}");
                assert_ne!(self.activations.base(of), memory, "a result over its coefficients");
                let (place, chunk) = self.source(of, rows);
                (place.at as u32, chunk, true)
            }
            Coefficients::Same(all) => {
                assert_eq!(
                    self.vectors.len(all),
                    streams * terms,
                    "coefficients of {streams} streams of {terms}"
                );
                (self.vectors.at(Some(all)), x_chunk.clone(), false)
            }
        };
        let (y, y_chunk) = self.target(f.out, rows);
        let vectors = self.vectors.buffer(&mut self.recorder);
        let params = [
            base,
            self.vectors.at(f.weight),
            x.at as u32,
            terms as u32,
            y.at as u32,
            streams as u32,
            f.width as u32,
            c,
            u32::from(of_rows),
        ];
        let buffers = [
            ("bs", &base_chunk),
            ("xs", &x_chunk),
            ("cs", &c_chunk),
            ("ys", &y_chunk),
            ("vectors", &vectors),
        ];
        self.recorder.dispatch(Kernel::MixStreams, &buffers, &params, [out_width.div_ceil(256), rows]);
    }

    /// Makes each head of `x` as large as `like`.
    pub(super) fn match_heads(&mut self, x: BufId, like: BufId, rows: usize) {
        let (x_width, width) = (self.width(x), self.width(like));
        assert!(x_width.is_multiple_of(width), "heads of {width} in {x_width}");
        assert_ne!(self.activations.base(x), self.activations.base(like), "a row matched to itself");
        let (from, from_chunk) = self.source(like, rows);
        let (to, to_chunk) = self.target(x, rows);
        let heads = x_width / width;
        let params = [from.at as u32, to.at as u32, width as u32, heads as u32, MAGNITUDE_FLOOR.to_bits()];
        let buffers = [("xs", &from_chunk), ("ys", &to_chunk)];
        self.recorder.dispatch(Kernel::MatchMagnitude, &buffers, &params, [heads, rows]);
    }

    /// `x = max(0, x - cut)`, the cut so many standard deviations above the row's mean.
    pub(super) fn cut(&mut self, x: BufId, deviations: f32, rows: usize) {
        let width = self.width(x);
        let (place, chunk) = self.target(x, rows);
        let params = [place.at as u32, width as u32, deviations.to_bits()];
        self.recorder.dispatch(Kernel::CutGates, &[("ys", &chunk)], &params, [1, rows]);
    }
}

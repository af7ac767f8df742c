// Attention's sums over the segments of a sequence, 512 positions each: every segment by itself, and then, in ascending order, what
// was summed so far with the next one. One text for both ways of doing it, so that both round alike.
const SEGMENT = 512u;
const SEGMENT_TILES = 8u;
// No finite score is below it.
const LOWEST = -3.4028234e38;

// Two sums, each grown by its factor.
fn joined(sum: f32, growth: f32, next: f32, next_growth: f32) -> f32 {
    return fma(sum, growth, next * next_growth);
}

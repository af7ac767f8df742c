//! Counter-based random numbers: number `i` of a stream is a pure function of `(seed, i)`.
//!
//! Two rounds of the SplitMix64 finaliser (Steele, Lea, Flood 2014), a bijection of 64 bits that passes
//! BigCrush when fed a counter.

/// 2^64 divided by the golden ratio: SplitMix64's increment.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The random number of the `index`-th generated token: uniform in `[0, 1)`, 53 bits.
pub fn uniform(seed: u64, index: u64) -> f64 {
    let stream = mix(seed.wrapping_add(GOLDEN));
    let bits = mix(stream.wrapping_add(index.wrapping_mul(GOLDEN)));
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// The seed of completion `index` of a request with several. Completion 0 keeps the request's seed, so asking
/// for more completions does not change the first.
pub fn derive_seed(seed: u64, index: usize) -> u64 {
    if index == 0 { seed } else { mix(seed ^ mix(index as u64 ^ GOLDEN)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_uniform_over_seeds_and_over_indices() {
        for by_seed in [false, true] {
            let mut bins = [0u32; 64];
            for i in 0..64_000u64 {
                let u = if by_seed { uniform(i, 7) } else { uniform(7, i) };
                assert!((0.0..1.0).contains(&u));
                bins[(u * 64.0) as usize] += 1;
            }
            let chi: f64 = bins.iter().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
            // 63 degrees of freedom: 0.1 % quantiles are 30.8 and 103.4.
            assert!((30.8..103.4).contains(&chi), "chi-square {chi}, by seed: {by_seed}");
        }
    }

    #[test]
    fn neighbouring_seeds_share_no_numbers() {
        let stream = |seed| (0..1000).map(move |i| uniform(seed, i).to_bits()).collect::<Vec<_>>();
        let (a, b) = (stream(1), stream(2));
        assert!(a.iter().all(|x| !b.contains(x)));
    }

    #[test]
    fn derived_seeds_differ_and_the_first_is_the_seed() {
        let mut seeds: Vec<u64> = (0..16).map(|i| derive_seed(42, i)).collect();
        assert_eq!(seeds[0], 42);
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 16);
    }

    #[test]
    fn the_stream_is_pinned() {
        // A change here changes every seeded answer users have seen.
        assert_eq!(uniform(0, 0).to_bits(), PINNED[0]);
        assert_eq!(uniform(1, 2).to_bits(), PINNED[1]);
        assert_eq!(derive_seed(1, 1), PINNED[2]);
    }

    /// From a second implementation, in Python.
    const PINNED: [u64; 3] = [0x3FD2_0860_89BF_CF34, 0x3FEE_31AD_9D27_AD9E, 0x1943_8AE6_B813_B33D];
}

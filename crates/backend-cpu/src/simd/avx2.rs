//! AVX2: two registers per vector, lanes 0 to 7 in the first. The integer dots are a parameter, [`Dots`]: here
//! they are two multiplications of pairs, in `avxvnni` one instruction.

#![allow(unsafe_op_in_unsafe_fn)] // the whole file is the unsafe inside of `Simd`; see its safety contract

use std::arch::x86_64::*;
use std::marker::PhantomData;

use super::{Kernel, Simd};

#[derive(Clone, Copy)]
pub(super) struct Avx2<D: Dots>(PhantomData<D>);

/// What the paths of AVX2 differ in; each method as in [`Simd`].
pub(super) trait Dots: Copy + Send + Sync + 'static {
    unsafe fn dot_unsigned(acc: I2, w: I2, a: i32) -> I2;
    unsafe fn prepare_signed(w: I2) -> I2;
    unsafe fn start_signed(neg_sum: i32) -> I2;
    unsafe fn dot_signed(acc: I2, w: I2, a: i32) -> I2;
}

/// The dots of AVX2 itself: products of bytes in pairs, then sums of pairs.
#[derive(Clone, Copy)]
struct PairSums;

pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
}

#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2<PairSums>>()
}

type F2 = [__m256; 2];
pub(super) type I2 = [__m256i; 2];

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

macro_rules! per_half {
    ($f:ident($($x:ident),+)) => { [$f($($x[0]),+), $f($($x[1]),+)] };
}

impl<D: Dots> Simd for Avx2<D> {
    type F = F2;
    type I = I2;
    type B = I2;
    const ROW_TILE: usize = 2;
    const CHAINS: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> F2 {
        [_mm256_set1_ps(x); 2]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> F2 {
        [_mm256_loadu_ps(p), _mm256_loadu_ps(p.add(8))]
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, x: F2) {
        _mm256_storeu_ps(p, x[0]);
        _mm256_storeu_ps(p.add(8), x[1]);
    }
    #[inline(always)]
    unsafe fn load_f16(p: *const u16) -> F2 {
        [_mm256_cvtph_ps(_mm_loadu_si128(p.cast())), _mm256_cvtph_ps(_mm_loadu_si128(p.add(8).cast()))]
    }
    #[inline(always)]
    unsafe fn store_f16(p: *mut u16, x: F2) {
        _mm_storeu_si128(p.cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x[0]));
        _mm_storeu_si128(p.add(8).cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x[1]));
    }
    #[inline(always)]
    unsafe fn load_bf16(p: *const u16) -> F2 {
        let half = |p: *const u16| {
            let wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(p.cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(wide))
        };
        [half(p), half(p.add(8))]
    }
    #[inline(always)]
    unsafe fn add(a: F2, b: F2) -> F2 {
        per_half!(_mm256_add_ps(a, b))
    }
    #[inline(always)]
    unsafe fn sub(a: F2, b: F2) -> F2 {
        per_half!(_mm256_sub_ps(a, b))
    }
    #[inline(always)]
    unsafe fn mul(a: F2, b: F2) -> F2 {
        per_half!(_mm256_mul_ps(a, b))
    }
    #[inline(always)]
    unsafe fn div(a: F2, b: F2) -> F2 {
        per_half!(_mm256_div_ps(a, b))
    }
    #[inline(always)]
    unsafe fn fma(a: F2, b: F2, c: F2) -> F2 {
        per_half!(_mm256_fmadd_ps(a, b, c))
    }
    #[inline(always)]
    unsafe fn fnma(a: F2, b: F2, c: F2) -> F2 {
        per_half!(_mm256_fnmadd_ps(a, b, c))
    }
    #[inline(always)]
    unsafe fn max(a: F2, b: F2) -> F2 {
        per_half!(_mm256_max_ps(a, b))
    }
    #[inline(always)]
    unsafe fn select_lt(a: F2, b: F2, x: F2, y: F2) -> F2 {
        // Twice, rather than by a closure, which need not be inlined; likewise in `pow2`.
        let (low, high) = (_mm256_cmp_ps::<_CMP_LT_OQ>(a[0], b[0]), _mm256_cmp_ps::<_CMP_LT_OQ>(a[1], b[1]));
        [_mm256_blendv_ps(y[0], x[0], low), _mm256_blendv_ps(y[1], x[1], high)]
    }
    #[inline(always)]
    unsafe fn round(x: F2) -> F2 {
        [_mm256_round_ps::<NEAREST>(x[0]), _mm256_round_ps::<NEAREST>(x[1])]
    }
    #[inline(always)]
    unsafe fn pow2(n: F2) -> F2 {
        let bias = _mm256_set1_epi32(127);
        let low = _mm256_add_epi32(_mm256_cvtps_epi32(n[0]), bias);
        let high = _mm256_add_epi32(_mm256_cvtps_epi32(n[1]), bias);
        [
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(low)),
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(high)),
        ]
    }
    #[inline(always)]
    unsafe fn abs(x: F2) -> F2 {
        let sign = _mm256_set1_ps(-0.0);
        [_mm256_andnot_ps(sign, x[0]), _mm256_andnot_ps(sign, x[1])]
    }
    #[inline(always)]
    unsafe fn larger_bits(a: F2, b: F2) -> F2 {
        per_half!(larger_bits(a, b))
    }

    #[inline(always)]
    unsafe fn splat_i(x: i32) -> I2 {
        [_mm256_set1_epi32(x); 2]
    }
    #[inline(always)]
    unsafe fn load_u8(p: *const u8) -> I2 {
        let half = |p: *const u8| _mm256_cvtepu8_epi32(_mm_loadl_epi64(p.cast()));
        [half(p), half(p.add(8))]
    }
    #[inline(always)]
    unsafe fn load_i8(p: *const i8) -> I2 {
        let half = |p: *const i8| _mm256_cvtepi8_epi32(_mm_loadl_epi64(p.cast()));
        [half(p), half(p.add(8))]
    }
    #[inline(always)]
    unsafe fn to_f32(x: I2) -> F2 {
        per_half!(_mm256_cvtepi32_ps(x))
    }
    #[inline(always)]
    unsafe fn store_i8(p: *mut i8, x: F2) {
        // Values are within i8, so both saturating packs are exact; they work per 128 bits, hence the
        // reordering by quarters.
        let words = _mm256_packs_epi32(_mm256_cvtps_epi32(x[0]), _mm256_cvtps_epi32(x[1]));
        let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
        let bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
        _mm_storeu_si128(p.cast(), bytes);
    }
    #[inline(always)]
    unsafe fn shl_i<const N: i32>(x: I2) -> I2 {
        let n = _mm_cvtsi32_si128(N);
        [_mm256_sll_epi32(x[0], n), _mm256_sll_epi32(x[1], n)]
    }
    #[inline(always)]
    unsafe fn shr_i<const N: i32>(x: I2) -> I2 {
        let n = _mm_cvtsi32_si128(N);
        [_mm256_srl_epi32(x[0], n), _mm256_srl_epi32(x[1], n)]
    }
    #[inline(always)]
    unsafe fn shr_by(x: I2, n: usize) -> I2 {
        let n = _mm_cvtsi32_si128(n as i32);
        [_mm256_srl_epi32(x[0], n), _mm256_srl_epi32(x[1], n)]
    }
    #[inline(always)]
    unsafe fn and_i(x: I2, mask: i32) -> I2 {
        let mask = _mm256_set1_epi32(mask);
        [_mm256_and_si256(x[0], mask), _mm256_and_si256(x[1], mask)]
    }
    #[inline(always)]
    unsafe fn or_i(a: I2, b: I2) -> I2 {
        per_half!(_mm256_or_si256(a, b))
    }
    #[inline(always)]
    unsafe fn add_i(a: I2, b: I2) -> I2 {
        per_half!(_mm256_add_epi32(a, b))
    }
    #[inline(always)]
    unsafe fn from_bits(x: I2) -> F2 {
        per_half!(_mm256_castsi256_ps(x))
    }
    #[inline(always)]
    unsafe fn splat_bytes(x: I2) -> I2 {
        let low = _mm_set_epi32(0x0c0c_0c0c, 0x0808_0808, 0x0404_0404, 0);
        let low = _mm256_broadcastsi128_si256(low);
        [_mm256_shuffle_epi8(x[0], low), _mm256_shuffle_epi8(x[1], low)]
    }
    #[inline(always)]
    unsafe fn gather(table: *const u32, index: I2) -> I2 {
        let table = table.cast();
        [_mm256_i32gather_epi32::<4>(table, index[0]), _mm256_i32gather_epi32::<4>(table, index[1])]
    }

    #[inline(always)]
    unsafe fn load_b(p: *const u8) -> I2 {
        [_mm256_loadu_si256(p.cast()), _mm256_loadu_si256(p.add(32).cast())]
    }
    #[inline(always)]
    unsafe fn and_b(x: I2, mask: u8) -> I2 {
        let mask = _mm256_set1_epi8(mask as i8);
        [_mm256_and_si256(x[0], mask), _mm256_and_si256(x[1], mask)]
    }
    #[inline(always)]
    unsafe fn or_b(a: I2, b: I2) -> I2 {
        per_half!(_mm256_or_si256(a, b))
    }
    #[inline(always)]
    unsafe fn shl_b<const N: i32>(x: I2) -> I2 {
        let n = _mm_cvtsi32_si128(N);
        [_mm256_sll_epi16(x[0], n), _mm256_sll_epi16(x[1], n)]
    }
    #[inline(always)]
    unsafe fn shr_b<const N: i32>(x: I2) -> I2 {
        let n = _mm_cvtsi32_si128(N);
        [_mm256_srl_epi16(x[0], n), _mm256_srl_epi16(x[1], n)]
    }

    #[inline(always)]
    unsafe fn dot_unsigned(acc: I2, w: I2, a: i32) -> I2 {
        D::dot_unsigned(acc, w, a)
    }
    #[inline(always)]
    unsafe fn prepare_signed(w: I2) -> I2 {
        D::prepare_signed(w)
    }
    #[inline(always)]
    unsafe fn lookup_signed(x: I2, table: &[i8; 16]) -> I2 {
        let table = _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast()));
        // The table is prepared and not what is looked up: one instruction less per vector.
        let [table, _] = D::prepare_signed([table; 2]);
        [_mm256_shuffle_epi8(table, x[0]), _mm256_shuffle_epi8(table, x[1])]
    }
    #[inline(always)]
    unsafe fn start_signed(neg_sum: i32) -> I2 {
        D::start_signed(neg_sum)
    }
    #[inline(always)]
    unsafe fn dot_signed(acc: I2, w: I2, a: i32) -> I2 {
        D::dot_signed(acc, w, a)
    }

    #[inline(always)]
    unsafe fn tree_sum(x: F2) -> f32 {
        tree_sum(_mm256_add_ps(x[0], x[1]))
    }
    #[inline(always)]
    unsafe fn tree_max(x: F2) -> f32 {
        tree_max(_mm256_max_ps(x[0], x[1]))
    }
    #[inline(always)]
    unsafe fn max_bits(x: F2) -> u32 {
        let x = _mm256_castps_si256(larger_bits(x[0], x[1]));
        let x = _mm_max_epu32(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
        let x = _mm_max_epu32(x, _mm_shuffle_epi32::<0b01_00_11_10>(x));
        let x = _mm_max_epu32(x, _mm_shuffle_epi32::<0b10_11_00_01>(x));
        _mm_cvtsi128_si32(x) as u32
    }
    #[inline(always)]
    unsafe fn prefetch(p: *const u8) {
        _mm_prefetch::<_MM_HINT_T1>(p.cast());
    }
}

impl Dots for PairSums {
    #[inline(always)]
    unsafe fn dot_unsigned(acc: I2, w: I2, a: i32) -> I2 {
        // Pair sums stay within i16: 2 * 127 * 127 = 32,258.
        let (a, ones) = (_mm256_set1_epi32(a), _mm256_set1_epi16(1));
        let half = |acc, w| _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_maddubs_epi16(w, a), ones));
        [half(acc[0], w[0]), half(acc[1], w[1])]
    }
    #[inline(always)]
    unsafe fn prepare_signed(w: I2) -> I2 {
        w
    }
    #[inline(always)]
    unsafe fn start_signed(_neg_sum: i32) -> I2 {
        [_mm256_setzero_si256(); 2]
    }
    #[inline(always)]
    unsafe fn dot_signed(acc: I2, w: I2, a: i32) -> I2 {
        // |w| * (a with w's sign); |w| <= 128 and |a| <= 127, so pair sums stay within i16: 32,512.
        let (a, ones) = (_mm256_set1_epi32(a), _mm256_set1_epi16(1));
        let half = |acc, w| {
            let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(a, w));
            _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, ones))
        };
        [half(acc[0], w[0]), half(acc[1], w[1])]
    }
}

/// The larger bit pattern in each lane.
#[inline(always)]
unsafe fn larger_bits(a: __m256, b: __m256) -> __m256 {
    _mm256_castsi256_ps(_mm256_max_epu32(_mm256_castps_si256(a), _mm256_castps_si256(b)))
}

/// The last three levels of `math::tree_sum`: lanes `i + 4`, `i + 2`, `i + 1`.
#[inline(always)]
pub(super) unsafe fn tree_sum(x: __m256) -> f32 {
    let x = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
    let x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)))
}

/// The last three levels of `math::tree_max`.
#[inline(always)]
pub(super) unsafe fn tree_max(x: __m256) -> f32 {
    let x = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
    let x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)))
}

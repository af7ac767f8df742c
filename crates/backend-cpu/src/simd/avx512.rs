//! AVX-512 with VNNI: one register per vector.

#![allow(unsafe_op_in_unsafe_fn)] // the whole file is the unsafe inside of `Simd`; see its safety contract

use std::arch::x86_64::*;

use super::{Kernel, LANES, Simd};

#[derive(Clone, Copy)]
pub(super) struct Avx512;

pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vnni")
        && super::avx2::is_available()
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512>()
}

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

/// Folds each of 16 vectors to the lane of its number. Every step lays halves of two vectors beside each other and
/// folds them, so 15 steps do what 64 would do vector by vector.
macro_rules! reduce_each {
    ($x:ident, $fold:path) => {{
        let mut halves = [_mm512_setzero_ps(); 8];
        for i in 0..8 {
            let (a, b) = ($x[ORDER[2 * i]], $x[ORDER[2 * i + 1]]);
            halves[i] = $fold(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xee>(a, b));
        }
        let mut quarters = [_mm512_setzero_ps(); 4];
        for i in 0..4 {
            let (a, b) = (halves[2 * i], halves[2 * i + 1]);
            quarters[i] = $fold(_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
        }
        let mut pairs = [_mm512_setzero_ps(); 2];
        for i in 0..2 {
            let (a, b) = (quarters[2 * i], quarters[2 * i + 1]);
            pairs[i] = $fold(_mm512_shuffle_ps::<0x44>(a, b), _mm512_shuffle_ps::<0xee>(a, b));
        }
        let [a, b] = pairs;
        $fold(_mm512_shuffle_ps::<0x88>(a, b), _mm512_shuffle_ps::<0xdd>(a, b))
    }};
}

/// Folds each of up to 8 vectors to the lane of its number, in the order of `math::tree_sum`. Steps as above; the second
/// four vectors are left out if there are none. `$one` folds a single vector.
macro_rules! tree_each {
    ($x:ident, $fold:path, $one:path) => {{
        let mut vectors = [_mm512_setzero_ps(); 8];
        for i in 0..N {
            vectors[i] = $x[i];
        }
        let mut halves = [_mm512_setzero_ps(); 4];
        for i in 0..4 {
            let (a, b) = (vectors[2 * i], vectors[2 * i + 1]);
            halves[i] = $fold(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xee>(a, b));
        }
        let mut quarters = [_mm512_setzero_ps(); 2];
        for i in 0..2 {
            let (a, b) = (halves[2 * i], halves[2 * i + 1]);
            quarters[i] = $fold(_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
        }
        let (a, b) = (quarters[0], quarters[if N > 4 { 1 } else { 0 }]);
        let pairs = $fold(_mm512_shuffle_ps::<0x44>(a, b), _mm512_shuffle_ps::<0xee>(a, b));
        let each = $fold(_mm512_shuffle_ps::<0x88>(pairs, pairs), _mm512_shuffle_ps::<0xdd>(pairs, pairs));
        // Quarter i holds vectors i and i + 4.
        let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 0, 0, 0, 0, 0, 0, 0, 0);
        if N == 1 { _mm512_set1_ps($one($x[0])) } else { _mm512_permutexvar_ps(order, each) }
    }};
}

/// The vectors in the order in which `reduce_each` takes them: the last two steps fill the four lanes of a
/// quarter from different vectors, the first two the quarters.
const ORDER: [usize; LANES] = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];

impl Simd for Avx512 {
    type F = __m512;
    type I = __m512i;
    type B = __m512i;
    const ROW_TILE: usize = 8;
    const CHAINS: usize = 16;

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m512 {
        _mm512_set1_ps(x)
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m512 {
        _mm512_loadu_ps(p)
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, x: __m512) {
        _mm512_storeu_ps(p, x);
    }
    #[inline(always)]
    unsafe fn load_f16(p: *const u16) -> __m512 {
        _mm512_cvtph_ps(_mm256_loadu_si256(p.cast()))
    }
    #[inline(always)]
    unsafe fn store_f16(p: *mut u16, x: __m512) {
        _mm256_storeu_si256(p.cast(), _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x));
    }
    #[inline(always)]
    unsafe fn load_bf16(p: *const u16) -> __m512 {
        let wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(p.cast()));
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(wide))
    }
    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        _mm512_add_ps(a, b)
    }
    #[inline(always)]
    unsafe fn sub(a: __m512, b: __m512) -> __m512 {
        _mm512_sub_ps(a, b)
    }
    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        _mm512_mul_ps(a, b)
    }
    #[inline(always)]
    unsafe fn div(a: __m512, b: __m512) -> __m512 {
        _mm512_div_ps(a, b)
    }
    #[inline(always)]
    unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 {
        _mm512_fmadd_ps(a, b, c)
    }
    #[inline(always)]
    unsafe fn fnma(a: __m512, b: __m512, c: __m512) -> __m512 {
        _mm512_fnmadd_ps(a, b, c)
    }
    #[inline(always)]
    unsafe fn max(a: __m512, b: __m512) -> __m512 {
        _mm512_max_ps(a, b)
    }
    #[inline(always)]
    unsafe fn select_lt(a: __m512, b: __m512, x: __m512, y: __m512) -> __m512 {
        _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b), y, x)
    }
    #[inline(always)]
    unsafe fn round(x: __m512) -> __m512 {
        _mm512_roundscale_ps::<NEAREST>(x)
    }
    #[inline(always)]
    unsafe fn pow2(n: __m512) -> __m512 {
        let exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
        _mm512_castsi512_ps(_mm512_slli_epi32::<23>(exponent))
    }
    #[inline(always)]
    unsafe fn abs(x: __m512) -> __m512 {
        _mm512_abs_ps(x)
    }
    #[inline(always)]
    unsafe fn larger_bits(a: __m512, b: __m512) -> __m512 {
        _mm512_castsi512_ps(_mm512_max_epu32(_mm512_castps_si512(a), _mm512_castps_si512(b)))
    }

    #[inline(always)]
    unsafe fn splat_i(x: i32) -> __m512i {
        _mm512_set1_epi32(x)
    }
    #[inline(always)]
    unsafe fn splat_shl<const N: i32>(x: i32) -> __m512i {
        Self::shl_i::<N>(splat_first(x))
    }
    #[inline(always)]
    unsafe fn load_u8(p: *const u8) -> __m512i {
        _mm512_cvtepu8_epi32(_mm_loadu_si128(p.cast()))
    }
    #[inline(always)]
    unsafe fn load_i8(p: *const i8) -> __m512i {
        _mm512_cvtepi8_epi32(_mm_loadu_si128(p.cast()))
    }
    #[inline(always)]
    unsafe fn to_f32(x: __m512i) -> __m512 {
        _mm512_cvtepi32_ps(x)
    }
    #[inline(always)]
    unsafe fn store_i8(p: *mut i8, x: __m512) {
        _mm_storeu_si128(p.cast(), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)));
    }
    #[inline(always)]
    unsafe fn shl_i<const N: i32>(x: __m512i) -> __m512i {
        _mm512_sll_epi32(x, _mm_cvtsi32_si128(N))
    }
    #[inline(always)]
    unsafe fn shr_i<const N: i32>(x: __m512i) -> __m512i {
        _mm512_srl_epi32(x, _mm_cvtsi32_si128(N))
    }
    #[inline(always)]
    unsafe fn shr_by(x: __m512i, n: usize) -> __m512i {
        _mm512_srl_epi32(x, _mm_cvtsi32_si128(n as i32))
    }
    #[inline(always)]
    unsafe fn and_i(x: __m512i, mask: i32) -> __m512i {
        _mm512_and_si512(x, _mm512_set1_epi32(mask))
    }
    #[inline(always)]
    unsafe fn or_i(a: __m512i, b: __m512i) -> __m512i {
        _mm512_or_si512(a, b)
    }
    #[inline(always)]
    unsafe fn add_i(a: __m512i, b: __m512i) -> __m512i {
        _mm512_add_epi32(a, b)
    }
    #[inline(always)]
    unsafe fn from_bits(x: __m512i) -> __m512 {
        _mm512_castsi512_ps(x)
    }
    #[inline(always)]
    unsafe fn splat_bytes(x: __m512i) -> __m512i {
        let low = _mm_set_epi32(0x0c0c_0c0c, 0x0808_0808, 0x0404_0404, 0);
        _mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(low))
    }
    #[inline(always)]
    unsafe fn gather(table: *const u32, index: __m512i) -> __m512i {
        _mm512_i32gather_epi32::<4>(index, table.cast())
    }

    #[inline(always)]
    unsafe fn load_b(p: *const u8) -> __m512i {
        _mm512_loadu_si512(p.cast())
    }
    #[inline(always)]
    unsafe fn and_b(x: __m512i, mask: u8) -> __m512i {
        _mm512_and_si512(x, _mm512_set1_epi8(mask as i8))
    }
    #[inline(always)]
    unsafe fn or_b(a: __m512i, b: __m512i) -> __m512i {
        _mm512_or_si512(a, b)
    }
    #[inline(always)]
    unsafe fn shl_b<const N: i32>(x: __m512i) -> __m512i {
        _mm512_sll_epi16(x, _mm_cvtsi32_si128(N))
    }
    #[inline(always)]
    unsafe fn shr_b<const N: i32>(x: __m512i) -> __m512i {
        _mm512_srl_epi16(x, _mm_cvtsi32_si128(N))
    }

    #[inline(always)]
    unsafe fn dot_unsigned(acc: __m512i, w: __m512i, a: i32) -> __m512i {
        _mm512_dpbusd_epi32(acc, w, _mm512_set1_epi32(a))
    }
    #[inline(always)]
    unsafe fn prepare_signed(w: __m512i) -> __m512i {
        // The instruction takes unsigned weights: w + 128, and `start_signed` takes 128 * sum(a) off.
        _mm512_xor_si512(w, _mm512_set1_epi8(-128))
    }
    #[inline(always)]
    unsafe fn lookup_signed(x: __m512i, table: &[i8; 16]) -> __m512i {
        // The table is prepared and not what is looked up: one instruction less per vector.
        let table = _mm512_broadcast_i32x4(_mm_loadu_si128(table.as_ptr().cast()));
        _mm512_shuffle_epi8(Self::prepare_signed(table), x)
    }
    #[inline(always)]
    unsafe fn start_signed(neg_sum: i32) -> __m512i {
        Self::splat_shl::<7>(neg_sum)
    }
    #[inline(always)]
    unsafe fn dot_signed(acc: __m512i, w: __m512i, a: i32) -> __m512i {
        Self::dot_unsigned(acc, w, a)
    }

    #[inline(always)]
    unsafe fn tree_sum(x: __m512) -> f32 {
        super::avx2::tree_sum(_mm256_add_ps(low_half(x), high_half(x)))
    }
    #[inline(always)]
    unsafe fn tree_max(x: __m512) -> f32 {
        super::avx2::tree_max(_mm256_max_ps(low_half(x), high_half(x)))
    }
    #[inline(always)]
    unsafe fn tree_sums<const N: usize>(x: &[__m512; N]) -> __m512 {
        tree_each!(x, _mm512_add_ps, Self::tree_sum)
    }
    #[inline(always)]
    unsafe fn tree_maxima<const N: usize>(x: &[__m512; N]) -> __m512 {
        tree_each!(x, _mm512_max_ps, Self::tree_max)
    }
    #[inline(always)]
    unsafe fn max_bits(x: __m512) -> u32 {
        _mm512_reduce_max_epu32(_mm512_castps_si512(x))
    }
    #[inline(always)]
    unsafe fn sum_each(x: &[__m512; LANES]) -> __m512 {
        reduce_each!(x, _mm512_add_ps)
    }
    #[inline(always)]
    unsafe fn max_bits_each(x: &[__m512; LANES]) -> __m512 {
        reduce_each!(x, Self::larger_bits)
    }
    #[inline(always)]
    unsafe fn transpose(x: &[__m512; LANES]) -> [[f32; LANES]; LANES] {
        let mut rows = [[0.0f32; LANES]; LANES];
        // Of four vectors each: their lanes 4 i + j, four side by side in each quarter, to `quads[j]`.
        let mut quads = [[_mm512_setzero_ps(); 4]; 4];
        let mut group = 0;
        while group < 4 {
            let at = 4 * group;
            let low = _mm512_unpacklo_ps(x[at], x[at + 1]);
            let high = _mm512_unpackhi_ps(x[at], x[at + 1]);
            let low_2 = _mm512_unpacklo_ps(x[at + 2], x[at + 3]);
            let high_2 = _mm512_unpackhi_ps(x[at + 2], x[at + 3]);
            let pair = |a, b| (_mm512_castps_pd(a), _mm512_castps_pd(b));
            let (a, b) = pair(low, low_2);
            quads[0][group] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            quads[1][group] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
            let (a, b) = pair(high, high_2);
            quads[2][group] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            quads[3][group] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
            group += 1;
        }
        let mut j = 0;
        while j < 4 {
            let q = quads[j];
            // Quarters 0 and 2, then 1 and 3, of both.
            let even = _mm512_shuffle_f32x4::<0b10_00_10_00>(q[0], q[1]);
            let odd = _mm512_shuffle_f32x4::<0b11_01_11_01>(q[0], q[1]);
            let even_2 = _mm512_shuffle_f32x4::<0b10_00_10_00>(q[2], q[3]);
            let odd_2 = _mm512_shuffle_f32x4::<0b11_01_11_01>(q[2], q[3]);
            let done = [
                _mm512_shuffle_f32x4::<0b10_00_10_00>(even, even_2),
                _mm512_shuffle_f32x4::<0b10_00_10_00>(odd, odd_2),
                _mm512_shuffle_f32x4::<0b11_01_11_01>(even, even_2),
                _mm512_shuffle_f32x4::<0b11_01_11_01>(odd, odd_2),
            ];
            let mut i = 0;
            while i < 4 {
                _mm512_storeu_ps(rows[4 * i + j].as_mut_ptr(), done[i]);
                i += 1;
            }
            j += 1;
        }
        rows
    }
    #[inline(always)]
    unsafe fn prefetch(p: *const u8) {
        _mm_prefetch::<_MM_HINT_T1>(p.cast());
    }
}

/// A splat that the compiler does not move behind what follows. It would shift a number and splat it from a register, two
/// instructions of pipes that multiply; a splat from memory is a load.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn splat_first(x: i32) -> __m512i {
    let mut splat = _mm512_set1_epi32(x);
    std::arch::asm!("/* {0} */", inout(zmm_reg) splat, options(pure, nomem, nostack, preserves_flags));
    splat
}

#[inline(always)]
unsafe fn low_half(x: __m512) -> __m256 {
    _mm512_castps512_ps256(x)
}

#[inline(always)]
unsafe fn high_half(x: __m512) -> __m256 {
    _mm512_extractf32x8_ps::<1>(x)
}

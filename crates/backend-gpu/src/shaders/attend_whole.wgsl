// Attention of up to 16 rows of one query head over all rows of their input: grid (heads * pieces, blocks), 64 threads. A
// piece is up to {{lanes}} * 4 elements of a value, so that what a thread adds up fits into its registers.
//
// Blocks of 16 rows and tiles of 64 keys are counted from the input's own first row, so a result does not depend on where
// the input lies in the step. A row has one running maximum, sum and output, over the tiles in ascending order. Of a tile,
// a thread first makes 4 x 4 scores, keys and queries by way of workgroup memory, 32 elements at a time; then it has a
// quarter of a row's scores; then 4 elements of the output of {{thread_rows}} rows. What a row does not see changes nothing
// of it, NaN included.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> us: array<f32>;
@group(0) @binding(2) var<storage, read_write> vs: array<f32>;
@group(0) @binding(3) var<storage, read_write> ys: array<f32>;
@group(0) @binding(4) var<storage, read> vectors: array<f32>;
@group(0) @binding(5) var<storage, read> lists: array<u32>;
struct P {
    q: u32, k: u32, v: u32, y: u32, heads: u32, kv_heads: u32, head_dim: u32, pieces: u32,
    // Of each block three words: the input's first row, the block's first row in the input, the input's length.
    blocks: u32,
    reach: u32, scale: f32, cap: f32, slopes: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
// No finite score is below it.
const LOWEST = -3.4028234e38;
// The share of a key that the row does not see; others are not negative.
const UNSEEN = -1.0;
//@include math

// [row][8]
var<workgroup> queries: array<vec4<f32>, 128>;
// [key][9]: the ninth is not used, and puts neighbours into different banks.
var<workgroup> keys: array<vec4<f32>, 576>;
// [key][row]: scores, then shares.
var<workgroup> scores: array<f32, 1024>;
// [quarter][row]: maxima, then sums.
var<workgroup> parts: array<f32, 64>;
var<workgroup> factors: array<f32, 16>;

// Four elements of a head, zeros behind its end.
//@for from in xs us vs
fn {{from}}_at(at: u32, d: u32) -> vec4<f32> {
    let i = at + d;
    if d + 4u <= p.head_dim {
        return vec4<f32>({{from}}[i], {{from}}[i + 1u], {{from}}[i + 2u], {{from}}[i + 3u]);
    }
    var v = vec4<f32>(0.0);
    if d < p.head_dim {
        v.x = {{from}}[i];
    }
    if d + 1u < p.head_dim {
        v.y = {{from}}[i + 1u];
    }
    if d + 2u < p.head_dim {
        v.z = {{from}}[i + 2u];
    }
    return v;
}

//@end
fn add_dot(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

// The first and the last key that a row sees.
fn first_seen(position: u32) -> u32 {
    return position - min(position, p.reach);
}

fn last_seen(position: u32, len: u32) -> u32 {
    return min(position + min(p.reach, len), len - 1u);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let head = group.x / p.pieces;
    let kv_head = head / (p.heads / p.kv_heads);
    let input = lists[p.blocks + group.y * 3u];
    let begin = lists[p.blocks + group.y * 3u + 1u];
    let len = lists[p.blocks + group.y * 3u + 2u];
    let rows = min(16u, len - begin);
    let end = begin + rows - 1u;
    // What any row sees, and what all do.
    let low = first_seen(begin);
    let high = last_seen(end, len);
    let all_low = first_seen(end);
    let all_high = last_seen(begin, len);
    // Of scores: four rows, and each 16th key.
    let some_rows = lid / 16u * 4u;
    let some_keys = lid % 16u;
    // Of the softmax: a row, and a quarter of the keys.
    let row = lid % 16u;
    let quarter = lid / 16u;
    let position = begin + row;
    let first = first_seen(position);
    let last = last_seen(position, len);
    // Of the output: rows, and elements.
    let my_rows = lid / {{lanes}}u * {{thread_rows}}u;
    let column = (group.x % p.pieces * {{lanes}}u + lid % {{lanes}}u) * 4u;
    var m = LOWEST;
    var l = 0.0;
//@each r thread_rows
    var acc{{r}} = vec4<f32>(0.0);
//@end
    for (var tile = low / 64u; tile <= high / 64u; tile++) {
        let base = tile * 64u;
//@for j in 0 1 2 3
        // Most inputs end in the midst of a tile.
        let is_seen{{j}} = base + {{j}}u * 16u <= high && base + {{j}}u * 16u + 15u >= low;
//@for i in 0 1 2 3
        var s{{i}}{{j}} = 0.0;
//@end
//@end
        for (var d = 0u; d < p.head_dim; d += 32u) {
            for (var i = lid; i < 128u; i += 64u) {
                var v = vec4<f32>(0.0);
                if i / 8u < rows {
                    let at = ((input + begin + i / 8u) * p.heads + head) * p.head_dim;
                    v = xs_at(p.q + at, d + i % 8u * 4u);
                }
                queries[i] = v;
            }
            for (var i = lid; i < 512u; i += 64u) {
                let key = base + i / 8u;
                var v = vec4<f32>(0.0);
                if key >= low && key <= high {
                    let at = ((input + key) * p.kv_heads + kv_head) * p.head_dim;
                    v = us_at(p.k + at, d + i % 8u * 4u);
                }
                keys[i / 8u * 9u + i % 8u] = v;
            }
            workgroupBarrier();
            for (var w = 0u; w < 8u; w++) {
//@for i in 0 1 2 3
                let q{{i}} = queries[(some_rows + {{i}}u) * 8u + w];
//@end
//@for j in 0 1 2 3
                if is_seen{{j}} {
                    let k = keys[(some_keys + {{j}}u * 16u) * 9u + w];
//@for i in 0 1 2 3
                    s{{i}}{{j}} = add_dot(q{{i}}, k, s{{i}}{{j}});
//@end
                }
//@end
            }
            // What is in workgroup memory is written anew.
            workgroupBarrier();
        }
//@for i in 0 1 2 3
//@for j in 0 1 2 3
        scores[(some_keys + {{j}}u * 16u) * 16u + some_rows + {{i}}u] = s{{i}}{{j}};
//@end
//@end
        workgroupBarrier();
        var highest = m;
        for (var t = quarter * 16u; t < quarter * 16u + 16u; t++) {
            let key = base + t;
            if row < rows && key >= first && key <= last {
                var s = scores[t * 16u + row] * p.scale;
                if p.cap > 0.0 {
                    s = p.cap * tanh_(s / p.cap);
                }
                if p.slopes != NONE {
                    let distance = max(position, key) - min(position, key);
                    s = fma(vectors[p.slopes + head], -f32(distance), s);
                }
                scores[t * 16u + row] = s;
                highest = max(highest, s);
            }
        }
        parts[lid] = highest;
        workgroupBarrier();
        highest = max(max(parts[row], parts[row + 16u]), max(parts[row + 32u], parts[row + 48u]));
        var sum = 0.0;
        for (var t = quarter * 16u; t < quarter * 16u + 16u; t++) {
            let key = base + t;
            var share = UNSEEN;
            if row < rows && key >= first && key <= last {
                share = exp_(scores[t * 16u + row] - highest);
                sum += share;
            }
            scores[t * 16u + row] = share;
        }
        let correction = exp_(m - highest);
        if quarter == 0u {
            factors[row] = correction;
        }
        // All have read the maxima.
        workgroupBarrier();
        parts[lid] = sum;
        workgroupBarrier();
        l = fma(l, correction, (parts[row] + parts[row + 16u]) + (parts[row + 32u] + parts[row + 48u]));
        m = highest;
//@each r thread_rows
        acc{{r}} *= factors[my_rows + {{r}}u];
//@end
        if column < p.head_dim {
            let from_ = max(low, base);
            let to = min(high, base + 63u);
            let at = p.v + (input * p.kv_heads + kv_head) * p.head_dim;
            let stride = p.kv_heads * p.head_dim;
            if all_low <= from_ && to <= all_high {
                for (var key = from_; key <= to; key++) {
                    let v = vs_at(at + key * stride, column);
                    let shares = (key - base) * 16u + my_rows;
//@each r thread_rows
                    acc{{r}} = fma(vec4<f32>(scores[shares + {{r}}u]), v, acc{{r}});
//@end
                }
            } else {
                for (var key = from_; key <= to; key++) {
                    let v = vs_at(at + key * stride, column);
                    let shares = (key - base) * 16u + my_rows;
//@each r thread_rows
                    if scores[shares + {{r}}u] != UNSEEN {
                        acc{{r}} = fma(vec4<f32>(scores[shares + {{r}}u]), v, acc{{r}});
                    }
//@end
                }
            }
        }
    }
    // All have read the last tile's factors.
    workgroupBarrier();
    if quarter == 0u {
        factors[row] = 1.0 / l;
    }
    workgroupBarrier();
//@each r thread_rows
    if my_rows + {{r}}u < rows {
        let y = acc{{r}} * factors[my_rows + {{r}}u];
        let at = p.y + ((input + begin + my_rows + {{r}}u) * p.heads + head) * p.head_dim + column;
        if column < p.head_dim {
            ys[at] = y.x;
        }
        if column + 1u < p.head_dim {
            ys[at + 1u] = y.y;
        }
        if column + 2u < p.head_dim {
            ys[at + 2u] = y.z;
        }
        if column + 3u < p.head_dim {
            ys[at + 3u] = y.w;
        }
    }
//@end
}

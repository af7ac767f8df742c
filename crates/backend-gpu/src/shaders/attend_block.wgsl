// Attention of up to 16 rows of one query head: grid (heads * pieces, blocks), 64 threads. A piece is up to
// {{lanes}} * 4 elements of a value, so that what a thread adds up fits into its registers.
//
// A row walks what it sees in segments of 512 and tiles of 64, in ascending order, with one running maximum, sum and output in
// a segment; see segments.wgsl for how they come together. Of a tile, a thread first makes 4 x 4 scores, keys and queries by
// way of workgroup memory, 32 elements at a time; then it has a quarter of a row's scores; then 4 elements of the output of
// {{thread_rows}} rows. What a row does not see changes nothing of it, NaN included.
//@if paged
//
// The rows are neighbours in a prompt. Each is summed in the order, and so has the bits, that it has by attend.wgsl.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> lists: array<u32>;
@group(0) @binding(4) var<storage, read> keys: array<u32>;
@group(0) @binding(5) var<storage, read> values: array<u32>;
@group(0) @binding(6) var<storage, read_write> qa: array<u32>;
@group(0) @binding(7) var<storage, read_write> qs: array<vec2<u32>>;
struct P {
    q: u32, y: u32, heads: u32, kv_heads: u32, head_dim: u32, pieces: u32,
    // Of each block two words: the number of its first row, and how many rows it has.
    blocks: u32,
    positions: u32, tables: u32, window_kind: u32, window: u32,
    scale: f32, cap: f32, slopes: u32, sinks: u32, quantise: u32,
    // Width of a value, and of what it is stored in: itself, or the key whose first elements it is.
    value_dim: u32, stored_dim: u32,
}
//@end
//@if whole
//
// The rows are of an input that is in the step as a whole. Blocks and tiles are counted from its first row, so a result does
// not depend on where the input lies in the step.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> us: array<f32>;
@group(0) @binding(2) var<storage, read_write> vs: array<f32>;
@group(0) @binding(3) var<storage, read_write> ys: array<f32>;
@group(0) @binding(4) var<storage, read> vectors: array<f32>;
@group(0) @binding(5) var<storage, read> lists: array<u32>;
struct P {
    q: u32, k: u32, v: u32, y: u32, heads: u32, kv_heads: u32, head_dim: u32, value_dim: u32, pieces: u32,
    // Of each block three words: the input's first row, the block's first row in the input, the input's length.
    blocks: u32,
    reach: u32, scale: f32, cap: f32, slopes: u32,
}
//@end
var<immediate> p: P;
const NONE = 0xffffffffu;
// The share of a key that the row does not see; others are not negative. The factor of a segment that it does not see.
const UNSEEN = -1.0;
//@include math
//@include segments
//@if paged
//@include window
//@include kv
//@include quantise
//@end

// [row][8]
var<workgroup> queries: array<vec4<f32>, 128>;
// [key][9]: the ninth is not used, and puts neighbours into different banks.
var<workgroup> tile_keys: array<vec4<f32>, 576>;
// [key][row]: scores, then shares.
var<workgroup> scores: array<f32, 1024>;
// [quarter][row]: maxima, then sums.
var<workgroup> parts: array<f32, 64>;
// Of each row: what sums grow by, and what a segment's sums grow by.
var<workgroup> factors: array<f32, 16>;
var<workgroup> next_factors: array<f32, 16>;
//@if paged
// Of each key of a tile: its head's number in the pages.
var<workgroup> places: array<u32, 64>;
//@end

// Four elements of a query, of a key and of a value, zeros behind their ends.
//@if whole
//@for from in xs us vs
//@include four
//@end
//@end
//@if paged
//@for from in xs
//@include four
//@end
//@for from in keys values
fn {{from}}_at(at: u32, d: u32, dim: u32) -> vec4<f32> {
//@if kv_q8
    let scale = unpack2x16float({{from}}[at + dim / 4u + d / 64u])[d / 32u % 2u];
    return scale * vec4<f32>(unpack4xI8({{from}}[at + d / 4u]));
//@end
//@if kv_f16
    var low = vec2<f32>(0.0);
    var high = vec2<f32>(0.0);
    if d < dim {
        low = unpack2x16float({{from}}[at + d / 2u]);
    }
    if d + 2u < dim {
        high = unpack2x16float({{from}}[at + d / 2u + 1u]);
    }
    return vec4<f32>(low, high);
//@end
//@if kv_f32
    var v = vec4<f32>(0.0);
    for (var e = 0u; e < 4u && d + e < dim; e++) {
        v[e] = bitcast<f32>({{from}}[at + d + e]);
    }
    return v;
//@end
}

//@end
//@end
fn add_dot(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

// The first and the last key that a row sees.
//@if whole
fn first_seen(position: u32) -> u32 {
    return position - min(position, p.reach);
}

fn last_seen(position: u32, len: u32) -> u32 {
    return min(position + min(p.reach, len), len - 1u);
}
//@end
//@if paged
fn first_seen(position: u32) -> u32 {
    return first_position(position);
}

fn last_seen(position: u32, len: u32) -> u32 {
    return position;
}
//@end

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let head = group.x / p.pieces;
    let kv_head = head / (p.heads / p.kv_heads);
//@if whole
    let input = lists[p.blocks + group.y * 3u];
    let begin = lists[p.blocks + group.y * 3u + 1u];
    let len = lists[p.blocks + group.y * 3u + 2u];
    let rows = min(16u, len - begin);
    let first_row = input + begin;
    let first_value = p.v + (input * p.kv_heads + kv_head) * p.value_dim;
    let value_stride = p.kv_heads * p.value_dim;
//@end
//@if paged
    let first_row = lists[p.blocks + group.y * 2u];
    let rows = lists[p.blocks + group.y * 2u + 1u];
    let begin = lists[p.positions + first_row];
    let len = begin + rows;
    let table = lists[p.tables + first_row];
    let key_words = head_words(p.head_dim);
    let value_words = head_words(p.stored_dim);
//@end
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
    // Of all segments.
    var all_m = LOWEST;
    var all_l = 0.0;
//@if paged
    if p.sinks != NONE {
        all_m = vectors[p.sinks + head];
        all_l = 1.0;
    }
//@end
//@each r thread_rows
    var all{{r}} = vec4<f32>(0.0);
//@end
    for (var segment = low / SEGMENT; segment <= high / SEGMENT; segment++) {
        var m = LOWEST;
        var l = 0.0;
//@each r thread_rows
        var acc{{r}} = vec4<f32>(0.0);
//@end
        let end_tile = min(high / 64u, segment * SEGMENT_TILES + SEGMENT_TILES - 1u);
        for (var tile = max(low / 64u, segment * SEGMENT_TILES); tile <= end_tile; tile++) {
            let base = tile * 64u;
//@if paged
            if base + lid >= low && base + lid <= high {
                let slot = lists[table + (base + lid) / 16u] * 16u + lid % 16u;
                places[lid] = slot * p.kv_heads + kv_head;
            }
            workgroupBarrier();
//@end
//@for j in 0 1 2 3
            // Most rows end in the midst of a tile.
            let is_seen{{j}} = base + {{j}}u * 16u <= high && base + {{j}}u * 16u + 15u >= low;
//@for i in 0 1 2 3
            var s{{i}}{{j}} = 0.0;
//@end
//@end
            for (var d = 0u; d < p.head_dim; d += 32u) {
                for (var i = lid; i < 128u; i += 64u) {
                    var v = vec4<f32>(0.0);
                    if i / 8u < rows {
                        let at = ((first_row + i / 8u) * p.heads + head) * p.head_dim;
                        v = xs_at(p.q + at, d + i % 8u * 4u, p.head_dim);
                    }
                    queries[i] = v;
                }
                for (var i = lid; i < 512u; i += 64u) {
                    let key = base + i / 8u;
                    var v = vec4<f32>(0.0);
                    if key >= low && key <= high {
//@if whole
                        let at = p.k + ((input + key) * p.kv_heads + kv_head) * p.head_dim;
                        v = us_at(at, d + i % 8u * 4u, p.head_dim);
//@end
//@if paged
                        v = keys_at(places[i / 8u] * key_words, d + i % 8u * 4u, p.head_dim);
//@end
                    }
                    tile_keys[i / 8u * 9u + i % 8u] = v;
                }
                workgroupBarrier();
                for (var w = 0u; w < 8u; w++) {
//@for i in 0 1 2 3
                    let q{{i}} = queries[(some_rows + {{i}}u) * 8u + w];
//@end
//@for j in 0 1 2 3
                    if is_seen{{j}} {
                        let k = tile_keys[(some_keys + {{j}}u * 16u) * 9u + w];
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
            l = fma(l, correction, parts[row] + parts[row + 16u] + parts[row + 32u] + parts[row + 48u]);
            m = highest;
//@each r thread_rows
            acc{{r}} *= factors[my_rows + {{r}}u];
//@end
            if column < p.value_dim {
                let from_ = max(low, base);
                let to = min(high, base + 63u);
                if all_low <= from_ && to <= all_high {
                    for (var key = from_; key <= to; key++) {
//@if whole
                        let v = vs_at(first_value + key * value_stride, column, p.value_dim);
//@end
//@if paged
                        let v = values_at(places[key - base] * value_words, column, p.stored_dim);
//@end
                        let shares = (key - base) * 16u + my_rows;
//@each r thread_rows
                        acc{{r}} = fma(vec4<f32>(scores[shares + {{r}}u]), v, acc{{r}});
//@end
                    }
                } else {
                    for (var key = from_; key <= to; key++) {
//@if whole
                        let v = vs_at(first_value + key * value_stride, column, p.value_dim);
//@end
//@if paged
                        let v = values_at(places[key - base] * value_words, column, p.stored_dim);
//@end
                        let shares = (key - base) * 16u + my_rows;
//@each r thread_rows
                        if scores[shares + {{r}}u] != UNSEEN {
                            acc{{r}} = fma(vec4<f32>(scores[shares + {{r}}u]), v, acc{{r}});
                        }
//@end
                    }
                }
            }
//@if paged
            // All have read the places.
            workgroupBarrier();
//@end
        }
        // All have read the last tile's factors.
        workgroupBarrier();
        // A row goes on as it was where it sees nothing of the segment.
        let is_seen = first < (segment + 1u) * SEGMENT && last >= segment * SEGMENT;
        let highest = max(all_m, m);
        let before = exp_(all_m - highest);
        let here = exp_(m - highest);
        if is_seen {
            all_l = joined(all_l, before, l, here);
            all_m = highest;
        }
        if quarter == 0u {
            factors[row] = before;
            next_factors[row] = select(UNSEEN, here, is_seen);
        }
        workgroupBarrier();
//@each r thread_rows
        if next_factors[my_rows + {{r}}u] != UNSEEN {
            let before = factors[my_rows + {{r}}u];
            let here = next_factors[my_rows + {{r}}u];
//@for e in x y z w
            all{{r}}.{{e}} = joined(all{{r}}.{{e}}, before, acc{{r}}.{{e}}, here);
//@end
        }
//@end
        // All have read these factors.
        workgroupBarrier();
    }
    if quarter == 0u {
        factors[row] = 1.0 / all_l;
    }
    workgroupBarrier();
//@each r thread_rows
    {
        let live = my_rows + {{r}}u < rows && column < p.value_dim;
        let y = all{{r}} * factors[my_rows + {{r}}u];
        let at = ((first_row + my_rows + {{r}}u) * p.heads + head) * p.value_dim + column;
        for (var e = 0u; e < 4u && live && column + e < p.value_dim; e++) {
            ys[p.y + at + e] = y[e];
        }
//@if paged
        if p.quantise != 0u {
            quantise4(y, lid, at / 4u, live);
        }
//@end
    }
//@end
}

// Attention of one query head of one row over its sequence's pages: grid (heads, rows), 64 threads.
//
// Positions are walked in tiles of 64 that begin at multiples of 64 of the sequence, with one running maximum, sum and
// output: so a result depends neither on chunks nor on batch mates nor on where pages lie. A thread first has a position
// of the tile, then {{dims}} dimensions of the output. Masked positions are not read. `quantise` asks for the int8 form of
// the output beside.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> lists: array<u32>;
@group(0) @binding(4) var<storage, read> keys: array<u32>;
@group(0) @binding(5) var<storage, read> values: array<u32>;
@group(0) @binding(6) var<storage, read_write> qa: array<u32>;
@group(0) @binding(7) var<storage, read_write> qs: array<vec2<u32>>;
struct P {
    q: u32, y: u32, heads: u32, kv_heads: u32, head_dim: u32,
    positions: u32, tables: u32, window_kind: u32, window: u32,
    scale: f32, cap: f32, slopes: u32, sinks: u32, quantise: u32,
    // Width of a value, and of what it is stored in: itself, or the key whose first elements it is.
    value_dim: u32, stored_dim: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
// No finite score is below it.
const LOWEST = -3.4028234e38;
//@include math
//@include kv
//@include quantise

var<workgroup> query: array<f32, {{query_len}}>;
var<workgroup> scores: array<f32, 64>;
var<workgroup> shares: array<f32, 64>;
var<workgroup> places: array<u32, 64>;

fn dot_key(at: u32) -> f32 {
    var acc = 0.0;
//@if kv_f32
    for (var d = 0u; d < p.head_dim; d++) {
        acc = fma(query[d], bitcast<f32>(keys[at + d]), acc);
    }
//@end
//@if kv_f16
    for (var w = 0u; w < (p.head_dim + 1u) / 2u; w++) {
        let k = unpack2x16float(keys[at + w]);
        acc = fma(query[2u * w], k.x, acc);
        acc = fma(query[2u * w + 1u], k.y, acc);
    }
//@end
//@if kv_q8
    for (var b = 0u; b < p.head_dim / 32u; b++) {
        let scale = unpack2x16float(keys[at + p.head_dim / 4u + b / 2u])[b % 2u];
        for (var w = 8u * b; w < 8u * b + 8u; w++) {
            let k = scale * vec4<f32>(unpack4xI8(keys[at + w]));
            acc = fma(query[4u * w], k.x, acc);
            acc = fma(query[4u * w + 1u], k.y, acc);
            acc = fma(query[4u * w + 2u], k.z, acc);
            acc = fma(query[4u * w + 3u], k.w, acc);
        }
    }
//@end
    return acc;
}

fn value_at(at: u32, d: u32) -> f32 {
//@if kv_f32
    return bitcast<f32>(values[at + d]);
//@end
//@if kv_f16
    return unpack2x16float(values[at + d / 2u])[d % 2u];
//@end
//@if kv_q8
    let scale = unpack2x16float(values[at + p.stored_dim / 4u + d / 64u])[d / 32u % 2u];
    return scale * f32(unpack4xI8(values[at + d / 4u])[d % 4u]);
//@end
}

fn first_position(position: u32) -> u32 {
    if p.window_kind == 1u {
        return select(0u, position + 1u - p.window, position + 1u > p.window);
    }
    if p.window_kind == 2u {
        return position / p.window * p.window;
    }
    return 0u;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let head = group.x;
    let row = group.y;
    let kv_head = head / (p.heads / p.kv_heads);
    let key_words = head_words(p.head_dim);
    let value_words = head_words(p.stored_dim);
    let out_at = (row * p.heads + head) * p.value_dim;
    let at = (row * p.heads + head) * p.head_dim;
    for (var d = lid; d < {{query_len}}u; d += 64u) {
        query[d] = select(0.0, xs[p.q + at + min(d, p.head_dim - 1u)], d < p.head_dim);
    }
    let position = lists[p.positions + row];
    let table = lists[p.tables + row];
    let start = first_position(position);
    var m = LOWEST;
    var l = 0.0;
    if p.sinks != NONE {
        m = vectors[p.sinks + head];
        l = 1.0;
    }
//@each j dims
    var acc{{j}} = 0.0;
//@end
    workgroupBarrier();
    for (var tile = start / 64u; tile <= position / 64u; tile++) {
        let base = tile * 64u;
        let mine = base + lid;
        let live = mine >= start && mine <= position;
        var s = LOWEST;
        if live {
            let slot = lists[table + mine / 16u] * 16u + mine % 16u;
            let place = slot * p.kv_heads + kv_head;
            places[lid] = place * value_words;
            s = dot_key(place * key_words) * p.scale;
            if p.cap > 0.0 {
                s = p.cap * tanh_(s / p.cap);
            }
            if p.slopes != NONE {
                s = fma(vectors[p.slopes + head], -f32(position - mine), s);
            }
        }
        scores[lid] = s;
        workgroupBarrier();
        var highest = m;
        for (var i = 0u; i < 64u; i++) {
            highest = max(highest, scores[i]);
        }
        let correction = exp_(m - highest);
        shares[lid] = exp_(s - highest);
        workgroupBarrier();
        l *= correction;
//@each j dims
        acc{{j}} *= correction;
//@end
        let last = min(position - base, 63u);
        for (var t = max(start, base) - base; t <= last; t++) {
            let share = shares[t];
            let place = places[t];
            l += share;
//@each j dims
            if lid + {{j}}u * 64u < p.value_dim {
                acc{{j}} = fma(share, value_at(place, lid + {{j}}u * 64u), acc{{j}});
            }
//@end
        }
        m = highest;
        // The next tile writes `places`.
        workgroupBarrier();
    }
    let inverse = 1.0 / l;
//@each j dims
    if lid + {{j}}u * 64u < p.value_dim {
        let y = acc{{j}} * inverse;
        ys[p.y + out_at + lid + {{j}}u * 64u] = y;
        query[lid + {{j}}u * 64u] = y;
    }
//@end
    if p.quantise != 0u {
        workgroupBarrier();
        for (var base = 0u; base < p.value_dim; base += 256u) {
            let i = base + lid * 4u;
            let live = i < p.value_dim;
            let from_ = select(0u, i, live);
            let v = vec4<f32>(query[from_], query[from_ + 1u], query[from_ + 2u], query[from_ + 3u]);
            quantise4(v, lid, (out_at + i) / 4u, live);
        }
    }
}

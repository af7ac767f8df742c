// Between the q/k/v matmul and attention: norm, rotation and growth of one head of one row, and K and V to their slots.
// Grid (heads of q, of k and of v; rows), 64 threads. A layer may have no keys of its own, or its values in them.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> us: array<f32>;
@group(0) @binding(2) var<storage, read_write> ys: array<f32>;
@group(0) @binding(3) var<storage, read> vectors: array<f32>;
@group(0) @binding(4) var<storage, read> lists: array<u32>;
@group(0) @binding(5) var<storage, read_write> keys: array<u32>;
@group(0) @binding(6) var<storage, read_write> values: array<u32>;
struct P {
    q: u32, k: u32, v: u32, heads: u32, kv_heads: u32, head_dim: u32,
    pairs: u32, angles: u32, neox: u32, growth: u32, slots: u32, norm_after: u32,
    q_norm: u32, q_eps: f32, q_weight: u32, q_bias: u32, q_stride: u32,
    k_norm: u32, k_eps: f32, k_weight: u32, k_bias: u32, k_stride: u32,
    v_norm: u32, v_eps: f32, v_weight: u32, v_bias: u32, v_stride: u32,
    value_dim: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
//@include kv

var<workgroup> head: array<f32, {{query_len}}>;

fn h_at(i: u32) -> f32 { return head[i]; }
//@for side in h
//@include pack_kv
//@end

//@include total

fn norm(lid: u32, dim: u32, kind: u32, eps: f32, weight: u32, bias: u32) {
    let count = f32(dim);
    var mean = 0.0;
    if kind == 2u {
        var sum = 0.0;
        for (var i = lid; i < dim; i += 64u) {
            sum += head[i];
        }
        mean = total(sum, lid) / count;
    }
    var squares = 0.0;
    for (var i = lid; i < dim; i += 64u) {
        let d = head[i] - mean;
        squares = fma(d, d, squares);
    }
    let factor = 1.0 / sqrt(total(squares, lid) / count + eps);
    for (var i = lid; i < dim; i += 64u) {
        var y = (head[i] - mean) * factor;
        if weight != NONE && bias != NONE {
            y = fma(y, vectors[weight + i], vectors[bias + i]);
        } else if weight != NONE {
            y *= vectors[weight + i];
        } else if bias != NONE {
            y += vectors[bias + i];
        }
        head[i] = y;
    }
    workgroupBarrier();
}

fn norm_of(lid: u32, is_q: bool, index: u32) {
    if is_q {
        if p.q_norm != 0u {
            let at = index * p.q_stride;
            let weight = select(p.q_weight + at, NONE, p.q_weight == NONE);
            norm(lid, p.head_dim, p.q_norm, p.q_eps, weight, select(p.q_bias + at, NONE, p.q_bias == NONE));
        }
    } else if p.k_norm != 0u {
        let at = index * p.k_stride;
        let weight = select(p.k_weight + at, NONE, p.k_weight == NONE);
        norm(lid, p.head_dim, p.k_norm, p.k_eps, weight, select(p.k_bias + at, NONE, p.k_bias == NONE));
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let row = group.y;
    let is_q = group.x < p.heads;
    let is_v = group.x >= p.heads + p.kv_heads;
    var index = group.x;
    var at = p.q + (row * p.heads + index) * p.head_dim;
    if !is_q {
        index = (group.x - p.heads) % p.kv_heads;
        at = select(p.k, p.v, is_v) + (row * p.kv_heads + index) * select(p.head_dim, p.value_dim, is_v);
    }
    let dim = select(p.head_dim, p.value_dim, is_v);
    for (var i = lid; i < dim; i += 64u) {
        if is_q {
            head[i] = xs[at + i];
        } else if is_v {
            head[i] = ys[at + i];
        } else {
            head[i] = us[at + i];
        }
    }
    workgroupBarrier();
    if !is_v {
        if p.norm_after == 0u {
            norm_of(lid, is_q, index);
        }
        for (var pair = lid; pair < p.pairs; pair += 64u) {
            let angle = p.angles + (row * p.pairs + pair) * 2u;
            let c = bitcast<f32>(lists[angle]);
            let s = bitcast<f32>(lists[angle + 1u]);
            let ia = select(2u * pair, pair, p.neox != 0u);
            let ib = select(ia + 1u, ia + p.pairs, p.neox != 0u);
            let a = head[ia];
            let b = head[ib];
            head[ia] = fma(a, c, -(b * s));
            head[ib] = fma(a, s, b * c);
        }
        workgroupBarrier();
        if p.norm_after != 0u {
            norm_of(lid, is_q, index);
        }
        for (var i = lid; i < p.head_dim; i += 64u) {
            if is_q {
                xs[at + i] = select(head[i], head[i] * bitcast<f32>(lists[select(0u, p.growth + row, p.growth != NONE)]), p.growth != NONE);
            } else {
                us[at + i] = head[i];
            }
        }
    }
    if is_v && p.v_norm != 0u {
        let first = index * p.v_stride;
        let weight = select(p.v_weight + first, NONE, p.v_weight == NONE);
        norm(lid, dim, p.v_norm, p.v_eps, weight, select(p.v_bias + first, NONE, p.v_bias == NONE));
    }
    if is_q {
        return;
    }
    let words = head_words(dim);
    let to = (lists[p.slots + row] * p.kv_heads + index) * words;
    for (var w = lid; w < words; w += 64u) {
        if is_v {
            values[to + w] = h_word(0u, w, dim);
        } else {
            keys[to + w] = h_word(0u, w, dim);
        }
    }
}

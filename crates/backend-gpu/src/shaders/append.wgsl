// Writes K and V of the step's rows to their slots, one word a thread: grid (ceil(heads * words / 64), rows).
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> us: array<f32>;
@group(0) @binding(2) var<storage, read_write> keys: array<u32>;
@group(0) @binding(3) var<storage, read_write> values: array<u32>;
@group(0) @binding(4) var<storage, read> lists: array<u32>;
struct P { k: u32, v: u32, kv_heads: u32, head_dim: u32, slots: u32 }
var<immediate> p: P;
//@include kv

fn k_at(i: u32) -> f32 { return xs[p.k + i]; }
fn v_at(i: u32) -> f32 { return us[p.v + i]; }

//@for side in k v
//@if kv_q8
// The scale of 32 values, rounded to f16, and what multiplies a value; of poisoned values the scale is NaN.
fn {{side}}_block(from_: u32) -> vec2<f32> {
    var amax = 0u;
    for (var i = 0u; i < 32u; i++) {
        amax = max(amax, bitcast<u32>({{side}}_at(from_ + i)) & 0x7fffffffu);
    }
    let largest = bitcast<f32>(amax);
    let zero = amax >= 0x7f800000u || largest < 3.7323e-37;
    let scale = select(select(largest / 127.0, 0.0, zero), bitcast<f32>(amax | 0x7fc00000u), amax >= 0x7f800000u);
    return vec2<f32>(scale, select(127.0 / largest, 0.0, zero));
}
//@end

fn {{side}}_word(from_: u32, w: u32) -> u32 {
//@if kv_f32
    return bitcast<u32>({{side}}_at(from_ + w));
//@end
//@if kv_f16
    let i = from_ + 2u * w;
    let second = 2u * w + 1u < p.head_dim;
    return pack2x16float(vec2<f32>({{side}}_at(i), select(0.0, {{side}}_at(select(i, i + 1u, second)), second)));
//@end
//@if kv_q8
    let codes = p.head_dim / 4u;
    if w < codes {
        let inverse = {{side}}_block(from_ + w / 8u * 32u).y;
        let i = from_ + 4u * w;
        let x = vec4<f32>({{side}}_at(i), {{side}}_at(i + 1u), {{side}}_at(i + 2u), {{side}}_at(i + 3u));
        return pack4xI8(select(vec4<i32>(round(x * inverse)), vec4<i32>(0), inverse == 0.0));
    }
    let block = 2u * (w - codes);
    let second = block + 1u < p.head_dim / 32u;
    let low = {{side}}_block(from_ + block * 32u).x;
    let high = {{side}}_block(from_ + select(block, block + 1u, second) * 32u).x;
    return pack2x16float(vec2<f32>(low, select(0.0, high, second)));
//@end
}
//@end

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let words = head_words(p.head_dim);
    let i = group.x * {{wg}}u + lid;
    if i >= p.kv_heads * words {
        return;
    }
    let from_ = (group.y * p.kv_heads + i / words) * p.head_dim;
    let to = lists[p.slots + group.y] * p.kv_heads * words + i;
    keys[to] = k_word(from_, i % words);
    values[to] = v_word(from_, i % words);
}

// Writes K and V of the step's rows to their slots, one word a thread: grid (ceil(heads * words of K and of V / 64),
// rows). Where values are in the keys, `value_dim` is 0.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> us: array<f32>;
@group(0) @binding(2) var<storage, read_write> keys: array<u32>;
@group(0) @binding(3) var<storage, read_write> values: array<u32>;
@group(0) @binding(4) var<storage, read> lists: array<u32>;
struct P { k: u32, v: u32, kv_heads: u32, head_dim: u32, value_dim: u32, slots: u32 }
var<immediate> p: P;
//@include kv

fn k_at(i: u32) -> f32 { return xs[p.k + i]; }
fn v_at(i: u32) -> f32 { return us[p.v + i]; }

//@for side in k v
//@include pack_kv
//@end

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let key_words = head_words(p.head_dim);
    let value_words = select(0u, head_words(p.value_dim), p.value_dim > 0u);
    let i = group.x * {{wg}}u + lid;
    let slot = lists[p.slots + group.y];
    if i < p.kv_heads * key_words {
        let from_ = (group.y * p.kv_heads + i / key_words) * p.head_dim;
        keys[slot * p.kv_heads * key_words + i] = k_word(from_, i % key_words, p.head_dim);
        return;
    }
    let j = i - p.kv_heads * key_words;
    if j < p.kv_heads * value_words {
        let from_ = (group.y * p.kv_heads + j / value_words) * p.value_dim;
        values[slot * p.kv_heads * value_words + j] = v_word(from_, j % value_words, p.value_dim);
    }
}

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
//@include pack_kv
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

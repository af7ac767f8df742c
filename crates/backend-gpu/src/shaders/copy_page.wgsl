// Copies the first slots of pages to others: grid (ceil(words / 64), copies). A list entry is source word, target word, words.
@group(0) @binding(0) var<storage, read_write> keys: array<u32>;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
@group(0) @binding(2) var<storage, read> lists: array<u32>;
struct P { list: u32, key_words: u32, value_words: u32 }
var<immediate> p: P;

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = group.x * {{wg}}u + lid;
    let entry = p.list + group.y * 3u;
    if i < lists[entry + 2u] * p.key_words {
        keys[lists[entry + 1u] * p.key_words + i] = keys[lists[entry] * p.key_words + i];
    }
    if i < lists[entry + 2u] * p.value_words {
        values[lists[entry + 1u] * p.value_words + i] = values[lists[entry] * p.value_words + i];
    }
}

// Rows of activations to int8: grid (ceil(width / 256), rows).
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> qa: array<u32>;
@group(0) @binding(2) var<storage, read_write> qs: array<vec2<u32>>;
struct P { x: u32, width: u32 }
var<immediate> p: P;
//@include quantise

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = (group.x * {{wg}}u + lid) * 4u;
    let live = i < p.width;
    let at = p.x + group.y * p.width + select(0u, i, live);
    quantise4(vec4<f32>(xs[at], xs[at + 1u], xs[at + 2u], xs[at + 3u]), lid, (group.y * p.width + i) / 4u, live);
}

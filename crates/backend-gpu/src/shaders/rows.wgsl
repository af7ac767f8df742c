// Small operations on whole rows, one element a thread: grid (ceil(width / 256), rows).
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> lists: array<u32>;
struct P { x: u32, y: u32, width: u32, list: u32, cap: f32, heads: u32, kind: u32 }
var<immediate> p: P;
//@include math
//@include activate

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = group.x * {{wg}}u + lid;
    if i >= p.width {
        return;
    }
    let at = group.y * p.width + i;
//@if gather
    ys[p.y + at] = xs[p.x + lists[p.list + group.y] * p.width + i];
//@end
//@if grow
    ys[p.y + at] = xs[p.x + at] * bitcast<f32>(lists[p.list + group.y]);
//@end
//@if gate_heads
    ys[p.y + at] *= activated(p.kind, xs[p.x + group.y * p.heads + i / (p.width / p.heads)]);
//@end
//@if soft_cap
    ys[p.y + at] = p.cap * tanh_(xs[p.x + at] / p.cap);
//@end
}

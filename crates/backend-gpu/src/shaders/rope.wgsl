// Rotates pairs of every head by the angles of the row: grid (ceil(heads * pairs / 64), rows). Angles come from the host,
// in f64 and rounded once: f32 sines of large angles are not good enough.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read> lists: array<u32>;
struct P { x: u32, heads: u32, head_dim: u32, pairs: u32, angles: u32, neox: u32 }
var<immediate> p: P;

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = group.x * {{wg}}u + lid;
    if i >= p.heads * p.pairs {
        return;
    }
    let head = i / p.pairs;
    let pair = i % p.pairs;
    let angle = p.angles + (group.y * p.pairs + pair) * 2u;
    let c = bitcast<f32>(lists[angle]);
    let s = bitcast<f32>(lists[angle + 1u]);
    let at = p.x + (group.y * p.heads + head) * p.head_dim;
    let ia = at + select(2u * pair, pair, p.neox != 0u);
    let ib = select(ia + 1u, ia + p.pairs, p.neox != 0u);
    let a = xs[ia];
    let b = xs[ib];
    xs[ia] = fma(a, c, -(b * s));
    xs[ib] = fma(a, s, b * c);
}

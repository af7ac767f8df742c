// Rows to and from their experts, one element a thread: grid (ceil(width / 256), rows).
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> routes: array<vec2<u32>>;
struct P { x: u32, y: u32, width: u32, used: u32, is_weighed: u32, scale: f32, add: u32 }
var<immediate> p: P;

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = group.x * {{wg}}u + lid;
    if i >= p.width {
        return;
    }
//@if spread
    // A row of experts: the input row, weighed.
    let pair = group.y;
    ys[p.y + pair * p.width + i] = xs[p.x + pair / p.used * p.width + i] * bitcast<f32>(routes[pair].y);
//@end
//@if collect
    // The outputs of a row's experts, added up in the order of choice.
    var sum = 0.0;
    for (var k = 0u; k < p.used; k++) {
        let pair = group.y * p.used + k;
        let y = xs[p.x + pair * p.width + i];
        let weight = bitcast<f32>(routes[pair].y);
        if k == 0u {
            sum = select(y, weight * y, p.is_weighed != 0u);
        } else {
            sum = select(sum + y, fma(weight, y, sum), p.is_weighed != 0u);
        }
    }
    sum *= p.scale;
    let at = p.y + group.y * p.width + i;
    if p.add != 0u {
        ys[at] += sum;
    } else {
        ys[at] = sum;
    }
//@end
}

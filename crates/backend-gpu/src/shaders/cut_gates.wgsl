// One workgroup cuts one row, so many standard deviations of a sample above its mean: grid (1, rows).
@group(0) @binding(0) var<storage, read_write> ys: array<f32>;
struct P { y: u32, width: u32, deviations: f32 }
var<immediate> p: P;
//@include math
//@include total

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let at = p.y + group.y * p.width;
    var sum = 0.0;
    for (var i = lid; i < p.width; i += {{wg}}u) {
        sum += ys[at + i];
    }
    let mean = total(sum, lid) / f32(p.width);
    var squares = 0.0;
    for (var i = lid; i < p.width; i += {{wg}}u) {
        let d = ys[at + i] - mean;
        squares = fma(d, d, squares);
    }
    let variance = total(squares, lid) / f32(max(p.width - 1u, 1u));
    let cut = fma(p.deviations, sqrt(variance), mean);
    for (var i = lid; i < p.width; i += {{wg}}u) {
        ys[at + i] = positive(ys[at + i] - cut);
    }
}

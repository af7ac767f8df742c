// One workgroup makes one head of one row as large as another row: grid (heads, rows).
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
struct P { x: u32, y: u32, width: u32, heads: u32, floor: f32 }
var<immediate> p: P;
//@include math
//@include total

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let like = p.x + group.y * p.width;
    let head = p.y + (group.y * p.heads + group.x) * p.width;
    var wanted = 0.0;
    var squares = 0.0;
    for (var i = lid; i < p.width; i += {{wg}}u) {
        wanted = fma(xs[like + i], xs[like + i], wanted);
        squares = fma(ys[head + i], ys[head + i], squares);
    }
    let count = f32(p.width);
    let aim = sqrt(total(wanted, lid) / count);
    let mean = total(squares, lid) / count;
    let factor = aim / sqrt(select(max(mean, p.floor), mean, is_nan(mean)));
    for (var i = lid; i < p.width; i += {{wg}}u) {
        ys[head + i] *= factor;
    }
}

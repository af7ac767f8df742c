// Stretches of rows to other places: grid (ceil(heads * width / 256), rows).
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
struct P {
    x: u32, x_width: u32, x_first: u32, x_stride: u32,
    y: u32, y_width: u32, y_first: u32, y_stride: u32,
    heads: u32, width: u32, scale: f32,
}
var<immediate> p: P;

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = group.x * {{wg}}u + lid;
    if i >= p.heads * p.width {
        return;
    }
    let head = i / p.width;
    let element = i % p.width;
    let from_ = p.x + group.y * p.x_width + p.x_first + head * p.x_stride + element;
    ys[p.y + group.y * p.y_width + p.y_first + head * p.y_stride + element] = xs[from_] * p.scale;
}

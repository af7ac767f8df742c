// Streams mixed by a small matrix, one element of the result a thread: grid (ceil(streams * width / 256), rows).
@group(0) @binding(0) var<storage, read_write> bs: array<f32>;
@group(0) @binding(1) var<storage, read_write> xs: array<f32>;
@group(0) @binding(2) var<storage, read_write> cs: array<f32>;
@group(0) @binding(3) var<storage, read_write> ys: array<f32>;
@group(0) @binding(4) var<storage, read> vectors: array<f32>;
struct P {
    // Where the base and the weight begin; NONE without one.
    base: u32, weight: u32,
    x: u32, terms: u32, y: u32, streams: u32, width: u32,
    // Where the coefficients begin: each row's own, or a vector.
    c: u32, of_rows: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = group.x * {{wg}}u + lid;
    let row = group.y;
    if i >= p.streams * p.width {
        return;
    }
    let column = i % p.width;
    let first_c = i / p.width * p.terms;
    var sum = 0.0;
    if p.base != NONE {
        sum = bs[p.base + row * p.streams * p.width + i];
    }
    for (var j = 0u; j < p.terms; j++) {
        var c = 0.0;
        if p.of_rows != 0u {
            c = cs[p.c + row * p.streams * p.terms + first_c + j];
        } else {
            c = vectors[p.c + first_c + j];
        }
        let x = xs[p.x + (row * p.terms + j) * p.width + column];
        if j == 0u && p.base == NONE {
            sum = c * x;
        } else {
            sum = fma(c, x, sum);
        }
    }
    if p.weight != NONE {
        sum *= vectors[p.weight + column];
    }
    ys[p.y + row * p.streams * p.width + i] = sum;
}

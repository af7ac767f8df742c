// One workgroup norms one head of one row: grid (heads, rows). `quantise` asks for the int8 form beside, of one head only.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read_write> qa: array<u32>;
@group(0) @binding(4) var<storage, read_write> qs: array<vec2<u32>>;
struct P {
    x: u32, y: u32, width: u32, heads: u32, is_layer: u32, eps: f32,
    weight: u32, bias: u32, vector_stride: u32, add: u32, quantise: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
//@include quantise
//@include total

fn normed(i: u32, head: u32, x: f32, mean: f32, factor: f32) -> f32 {
    let y = (x - mean) * factor;
    let at = head * p.vector_stride + i;
    if p.weight == NONE {
        if p.bias == NONE {
            return y;
        }
        return y + vectors[p.bias + at];
    }
    if p.bias == NONE {
        return y * vectors[p.weight + at];
    }
    return fma(y, vectors[p.weight + at], vectors[p.bias + at]);
}

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let at = (group.y * p.heads + group.x) * p.width;
    let count = f32(p.width);
    var mean = 0.0;
    if p.is_layer != 0u {
        var sum = 0.0;
        for (var i = lid; i < p.width; i += {{wg}}u) {
            sum += xs[p.x + at + i];
        }
        mean = total(sum, lid) / count;
    }
    var squares = 0.0;
    for (var i = lid; i < p.width; i += {{wg}}u) {
        let d = xs[p.x + at + i] - mean;
        squares = fma(d, d, squares);
    }
    let factor = 1.0 / sqrt(total(squares, lid) / count + p.eps);
    if p.quantise == 0u {
        for (var i = lid; i < p.width; i += {{wg}}u) {
            let y = normed(i, group.x, xs[p.x + at + i], mean, factor);
            if p.add != 0u {
                ys[p.y + at + i] += y;
            } else {
                ys[p.y + at + i] = y;
            }
        }
        return;
    }
    for (var base = 0u; base < p.width; base += {{wg}}u * 4u) {
        let i = base + lid * 4u;
        let live = i < p.width;
        var v = vec4<f32>(0.0);
        if live {
            v.x = normed(i, group.x, xs[p.x + at + i], mean, factor);
            v.y = normed(i + 1u, group.x, xs[p.x + at + i + 1u], mean, factor);
            v.z = normed(i + 2u, group.x, xs[p.x + at + i + 2u], mean, factor);
            v.w = normed(i + 3u, group.x, xs[p.x + at + i + 3u], mean, factor);
            ys[p.y + at + i] = v.x;
            ys[p.y + at + i + 1u] = v.y;
            ys[p.y + at + i + 2u] = v.z;
            ys[p.y + at + i + 3u] = v.w;
        }
        quantise4(v, lid, (at + i) / 4u, live);
    }
}

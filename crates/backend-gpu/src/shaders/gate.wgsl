// Activation of gate and up, four values a thread: grid (ceil(width / 256), rows). `quantise` asks for the int8 form beside.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> us: array<f32>;
@group(0) @binding(2) var<storage, read_write> ys: array<f32>;
@group(0) @binding(3) var<storage, read_write> qa: array<u32>;
@group(0) @binding(4) var<storage, read_write> qs: array<vec2<u32>>;
struct P { x: u32, u: u32, y: u32, width: u32, kind: u32, gated: u32, limit: f32, alpha: f32, quantise: u32, negative: f32, slope: f32 }
var<immediate> p: P;
//@include math
//@include quantise

//@include activate

// Its eps comes as the limit, and what multiplies squares as alpha.
fn xielu(g: f32) -> f32 {
    let below = fma((exp_(at_most(g, p.limit)) - 1.0) - g, p.negative, p.slope * g);
    return select(below, fma(p.alpha * g, g, p.slope * g), g > 0.0);
}

fn of_gate(g: f32) -> f32 {
    if p.kind == 10u {
        return xielu(g);
    }
    return activated(p.kind, g);
}

fn value(i: u32) -> f32 {
    let g = xs[p.x + i];
    if p.gated == 0u {
        return of_gate(g);
    }
    let u = us[p.u + i];
    if p.kind == 6u {
        return silu(at_most(g, p.limit)) * limited(u, p.limit);
    }
    if p.kind == 9u {
        return at_most(silu(g), p.limit) * limited(u, p.limit);
    }
    if p.kind == 7u {
        let low = at_most(g, p.limit);
        return low / (1.0 + exp_(-(p.alpha * low))) * (limited(u, p.limit) + 1.0);
    }
    return of_gate(g) * u;
}

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let i = (group.x * {{wg}}u + lid) * 4u;
    let at = group.y * p.width + i;
    var v = vec4<f32>(0.0);
    for (var j = 0u; j < 4u; j++) {
        if i + j < p.width {
            let y = value(at + j);
            ys[p.y + at + j] = y;
            v[j] = y;
        }
    }
    if p.quantise != 0u {
        quantise4(v, lid, at / 4u, i < p.width);
    }
}

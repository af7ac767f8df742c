// Parts of rows whose segments were attended to side by side, put together: grid (heads, rows), 64 threads. In the order and by
// the text that attend.wgsl has for all segments of a row, so with its bits.
@group(0) @binding(0) var<storage, read_write> ys: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> lists: array<u32>;
@group(0) @binding(3) var<storage, read> parts: array<f32>;
@group(0) @binding(4) var<storage, read_write> qa: array<u32>;
@group(0) @binding(5) var<storage, read_write> qs: array<vec2<u32>>;
struct P {
    y: u32, heads: u32,
    // Of each row: its number, and the part of its segment 0.
    rows: u32,
    positions: u32, window_kind: u32, window: u32, sinks: u32, quantise: u32, value_dim: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
//@include math
//@include segments
//@include window
//@include quantise

var<workgroup> output: array<f32, {{max_dim}}>;

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let head = group.x;
    let row = lists[p.rows + 2u * group.y];
    let part = lists[p.rows + 2u * group.y + 1u];
    let position = lists[p.positions + row];
    let end_segment = position / SEGMENT + 1u;
    let out_at = (row * p.heads + head) * p.value_dim;
    for (var d = lid; d < p.value_dim; d += {{wg}}u) {
        var m = LOWEST;
        var l = 0.0;
        if p.sinks != NONE {
            m = vectors[p.sinks + head];
            l = 1.0;
        }
        var acc = 0.0;
        for (var segment = first_position(position) / SEGMENT; segment < end_segment; segment++) {
            let at = ((part + segment) * p.heads + head) * (p.value_dim + 2u);
            let highest = max(m, parts[at]);
            let before = exp_(m - highest);
            let here = exp_(parts[at] - highest);
            l = joined(l, before, parts[at + 1u], here);
            acc = joined(acc, before, parts[at + 2u + d], here);
            m = highest;
        }
        let inverse = 1.0 / l;
        let y = acc * inverse;
        ys[p.y + out_at + d] = y;
        output[d] = y;
    }
    if p.quantise != 0u {
//@include quantise_out
    }
}

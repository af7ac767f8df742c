// A causal convolution of each channel alone, over the rows of one sequence: grid (ceil(channels / 64), sequences), a
// thread a channel, which keeps its last inputs in registers. A state is `[taps - 1][channels]`, the oldest first.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read_write> states: array<f32>;
@group(0) @binding(4) var<storage, read> lists: array<u32>;
struct P {
    x: u32, y: u32, channels: u32, taps: u32, weight: u32, bias: u32, silu: u32,
    walks: u32, stride: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
//@include math
//@include walk

// `weights` belong to the last four inputs, `history` to the three before this one; of fewer taps to the last of these.
fn convolved(weights: vec4<f32>, bias: f32, history: vec3<f32>, x: f32) -> f32 {
    var y = bias;
    if p.taps > 3u {
        y = fma(weights.x, history.x, y);
    }
    if p.taps > 2u {
        y = fma(weights.y, history.y, y);
    }
    y = fma(weights.z, history.z, y);
    y = fma(weights.w, x, y);
    return select(y, y / (1.0 + exp_(-y)), p.silu != 0u);
}

fn keep(slot: u32, c: u32, history: vec3<f32>) {
    let at = slot * p.stride + (p.taps - 2u) * p.channels + c;
    states[at] = history.z;
    if p.taps > 2u {
        states[at - p.channels] = history.y;
    }
    if p.taps > 3u {
        states[at - 2u * p.channels] = history.x;
    }
}

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let c = group.x * {{wg}}u + lid;
    if c >= p.channels {
        return;
    }
    let walk = walk_of(group.y);
    let last = p.weight + (p.taps - 1u) * p.channels + c;
    var weights = vec4<f32>(0.0, 0.0, vectors[last - p.channels], vectors[last]);
    var history = vec3<f32>(0.0);
    let state = walk.slot * p.stride + (p.taps - 2u) * p.channels + c;
    if !walk.is_new {
        history.z = states[state];
    }
    if p.taps > 2u {
        weights.y = vectors[last - 2u * p.channels];
        if !walk.is_new {
            history.y = states[state - p.channels];
        }
    }
    if p.taps > 3u {
        weights.x = vectors[last - 3u * p.channels];
        if !walk.is_new {
            history.x = states[state - 2u * p.channels];
        }
    }
    var bias = 0.0;
    if p.bias != NONE {
        bias = vectors[p.bias + c];
    }
    var save = walk.saves;
    // Inputs of several rows are asked for together, so that a thread waits for memory once.
    for (var row = walk.first; row < walk.end; row += {{block}}u) {
//@each j block
        let x{{j}} = xs[p.x + min(row + {{j}}u, walk.end - 1u) * p.channels + c];
//@end
//@each j block
        if row + {{j}}u < walk.end {
            ys[p.y + (row + {{j}}u) * p.channels + c] = convolved(weights, bias, history, x{{j}});
            history = vec3<f32>(history.y, history.z, x{{j}});
            if save < walk.saves_end {
                if lists[save] == row + {{j}}u {
                    keep(lists[save + 1u], c, history);
                    save += 2u;
                }
            }
        }
//@end
    }
    keep(walk.slot, c, history);
}

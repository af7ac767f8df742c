// Rows of weights times {{cols}} rows of activations: grid (panels of all jobs, ceil(rows / {{cols}})).
//
// A workgroup has one panel of 16 output rows. The inputs are cut into 16 segments of whole K-blocks; thread (r, s) sums
// row r of segment s, blocks ascending, for each of the activation rows, and the 16 sums are added in ascending order.
// So a result has the same bits for any number of activation rows. See docs/gpu.md.
//@if experts
//
// Of pairs of row and expert: grid (panels of one expert, pairs), each with the weights of its own expert; or, of pairs that
// sort_pairs.wgsl has put in order, (panels of one expert, tiles).
//@end
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> lists: array<u32>;
@group(0) @binding(4) var<storage, read> w: array<vec4<u32>>;
//@if int
@group(0) @binding(5) var<storage, read> words: array<u32>;
@group(0) @binding(6) var<storage, read> qa: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> qs: array<vec2<u32>>;
//@end
//@if each
@group(0) @binding({{routes_binding}}) var<storage, read> routes: array<vec2<u32>>;
//@end
//@if in_tiles
@group(0) @binding({{routes_binding}}) var<storage, read> sorted: array<u32>;
//@end
struct P {
    x: u32, rows: u32, cols: u32, blocks: u32, segment: u32, jobs: u32, job_count: u32,
//@if experts
    // Pairs for each row of inputs: 1, or as many as a row has experts.
    per_input: u32,
//@end
}
var<immediate> p: P;
//@include math
//@include finish
//@if int
//@include dot
//@end
//@if looked_up
//@include levels
//@end

var<workgroup> sums: array<f32, {{sums_len}}>;

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
//@if looked_up
    fill_levels(lid);
//@end
    var job = p.jobs;
    for (var i = 1u; i < p.job_count && group.x >= lists[p.jobs + i * 16u]; i++) {
        job = p.jobs + i * 16u;
    }
    var panel = group.x - lists[job];
    var is_here = true;
//@if experts
    let index = panel * 16u;
//@if each
    let expert = routes[group.y].x;
//@end
//@if in_tiles
    if group.y >= sorted[0] {
        return;
    }
    let expert = sorted[1u + 3u * group.y];
    let first_pair = sorted[2u + 3u * group.y];
    let count = sorted[3u + 3u * group.y];
//@end
    panel += expert * lists[job + 13u] - lists[job + 6u] / 16u;
    is_here = panel < lists[job + 7u] / 16u;
//@end
    let w_at = lists[job + 1u];
    let x_at = lists[job + 2u];
    let s_at = lists[job + 3u];
    let blocks = p.blocks;
    let r = lid % 16u;
    let s = lid / 16u;
    let first_row = group.y * {{cols}}u;
//@each c cols
//@if dense
    let row{{c}} = min(first_row + {{c}}u, p.rows - 1u);
//@end
//@if each
    let row{{c}} = first_row / p.per_input;
//@end
//@if in_tiles
    let row{{c}} = sorted[first_pair + min({{c}}u, count - 1u)] / p.per_input;
//@end
    var acc{{c}} = 0.0;
//@end
    let end = select(0u, min((s + 1u) * p.segment, blocks), is_here);
    for (var b = s * p.segment; b < end; b++) {
//@if int
//@include block
//@each c cols
        {
            let at = row{{c}} * blocks + b;
            let low = qa[2u * at];
            let high = qa[2u * at + 1u];
            let of_block = qs[at];
            var dot0 = dot4(k0, low.x) + dot4(k1, low.y) + dot4(k2, low.z) + dot4(k3, low.w);
            var dot1 = dot4(k4, high.x) + dot4(k5, high.y) + dot4(k6, high.z) + dot4(k7, high.w);
//@include add_block
        }
//@end
//@end
//@if float
//@each c cols
        let at{{c}} = p.x + row{{c}} * p.cols;
//@end
        for (var g = 0u; g < 8u; g++) {
//@include float_weights
            let first = b * 32u + g * 4u;
//@each c cols
            {
                let x = four(at{{c}}, first);
                acc{{c}} = fma(v.x, x.x, acc{{c}});
                acc{{c}} = fma(v.y, x.y, acc{{c}});
                acc{{c}} = fma(v.z, x.z, acc{{c}});
                acc{{c}} = fma(v.w, x.w, acc{{c}});
            }
//@end
        }
//@end
    }
//@each c cols
    sums[({{c}}u * 16u + s) * 16u + r] = acc{{c}};
//@end
    workgroupBarrier();
    let row = first_row + s;
//@if each
    if s == 0u && is_here && index + r < lists[job + 5u] {
        var dot = 0.0;
        for (var i = 0u; i < 16u; i++) {
            dot += sums[i * 16u + r];
        }
        finish_expert(job, row, expert, index + r, dot);
    }
//@end
//@if in_tiles
    if s < count && is_here && index + r < lists[job + 5u] {
        var dot = 0.0;
        for (var i = 0u; i < 16u; i++) {
            dot += sums[(s * 16u + i) * 16u + r];
        }
        finish_expert(job, sorted[first_pair + s], expert, index + r, dot);
    }
//@end
//@if dense
    if s < {{cols}}u && row < p.rows && panel * 16u + r < lists[job + 7u] {
        var dot = 0.0;
        for (var i = 0u; i < 16u; i++) {
            dot += sums[(s * 16u + i) * 16u + r];
        }
        finish(job, row, panel * 16u + r, dot);
    }
//@end
}
//@if float

// Four activations, zero beyond the row: what lies there may be NaN.
fn four(at: u32, first: u32) -> vec4<f32> {
//@if ragged
    let last = p.cols - 1u;
    let i = vec4<u32>(first, first + 1u, first + 2u, first + 3u);
    let x = vec4<f32>(xs[at + min(i.x, last)], xs[at + min(i.y, last)], xs[at + min(i.z, last)], xs[at + min(i.w, last)]);
    return select(x, vec4<f32>(0.0), i > vec4<u32>(last));
//@end
//@if even
    return vec4<f32>(xs[at + first], xs[at + first + 1u], xs[at + first + 2u], xs[at + first + 3u]);
//@end
}
//@end

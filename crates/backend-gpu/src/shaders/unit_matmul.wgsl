// Rows of quantised weights times rows of activations on matrix units: grid (panels of all jobs, ceil(rows / 64)).
//
// A workgroup has one panel of 16 output rows and 64 activation rows. Block by block, the codes of both go to workgroup
// memory as f16, which holds such integers; each 32 threads have a unit multiply 16 activation rows by the panel, in tiles of
// {{tile}} x {{tile}} with f32 sums, which hold a block's dots; and each thread adds 8 of them to its outputs. What a thread does is
// in the order of matmul.wgsl, so the bits are the same: see docs/gpu.md.
//@if experts
//
// Of pairs of row and expert that sort_pairs.wgsl has put in order: grid (panels of one expert, tiles).
//@end
enable f16;
//@if units
enable wgpu_cooperative_matrix;
//@end
@group(0) @binding(0) var<storage, read_write> ys: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read> lists: array<u32>;
@group(0) @binding(3) var<storage, read> w: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> words: array<u32>;
@group(0) @binding(5) var<storage, read> qa: array<vec4<u32>>;
@group(0) @binding(6) var<storage, read> qs: array<vec2<u32>>;
//@if experts
@group(0) @binding(7) var<storage, read> sorted: array<u32>;
//@end
struct P {
    rows: u32, blocks: u32, segment: u32, jobs: u32, job_count: u32,
//@if experts
    // Pairs for each row of inputs: 1, or as many as a row has experts.
    per_input: u32,
//@end
}
var<immediate> p: P;
//@include math
//@include finish
//@include dot
//@if looked_up
//@include levels
//@end

// Codes of one block: 16 rows of weights and 64 of activations, 32 each, tile behind tile.
var<workgroup> codes: array<f16, 512>;
var<workgroup> inputs: array<f16, 2048>;
// Dots of one block: [part of the block][activation row][weight row].
var<workgroup> dots: array<f32, {{dots_len}}>;
//@if units
// What sums begin with: a matrix that was not loaded holds nothing that Metal's text promises.
var<workgroup> zeros: array<f32, {{tile_len}}>;
//@end

// Where element `k` of a row lies among tiles.
fn in_tiles(row: u32, k: u32) -> u32 {
    let tile = row / {{tile}}u * {{steps}}u + k / {{tile}}u;
    return tile * {{tile_len}}u + row % {{tile}}u * {{tile}}u + k % {{tile}}u;
}

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
//@if looked_up
    fill_levels(lid);
//@end
//@if dense
    var job = p.jobs;
    for (var i = 1u; i < p.job_count && group.x >= lists[p.jobs + i * 16u]; i++) {
        job = p.jobs + i * 16u;
    }
    let panel = group.x - lists[job];
//@end
//@if experts
    let job = p.jobs;
    if group.y >= sorted[0] {
        return;
    }
    let expert = sorted[1u + 3u * group.y];
    let first_pair = sorted[2u + 3u * group.y];
    let count = sorted[3u + 3u * group.y];
    let index = group.x * 16u;
    let panel = group.x + expert * lists[job + 13u] - lists[job + 6u] / 16u;
    if panel >= lists[job + 7u] / 16u {
        return;
    }
//@end
    let w_at = lists[job + 1u];
    let x_at = lists[job + 2u];
    let s_at = lists[job + 3u];
    let blocks = p.blocks;
    // Not the subgroup's number: subgroups may be narrower, and then several do the same.
    let unit = lid / 32u;
    let r = lid % 16u;
    let first = lid / 16u;
//@if dense
    let first_row = group.y * 64u;
    let last_row = p.rows - 1u;
    let brought = min(first_row + lid / 2u, last_row) * blocks;
//@end
//@if experts
    let brought = sorted[first_pair + min(lid / 2u, count - 1u)] / p.per_input * blocks;
//@end
//@each c outputs
    let row{{c}} = first + {{c}}u * 8u;
//@if dense
    let at{{c}} = min(first_row + row{{c}}, last_row) * blocks;
//@end
//@if experts
    let pair{{c}} = sorted[first_pair + min(row{{c}}, count - 1u)];
    let at{{c}} = pair{{c}} / p.per_input * blocks;
//@end
    var acc{{c}} = 0.0;
    var total{{c}} = 0.0;
//@end
//@if units
    for (var i = lid; i < {{tile_len}}u; i += 128u) {
        zeros[i] = 0.0;
    }
    workgroupBarrier();
    let zero = coopLoadT<coop_mat{{tile}}x{{tile}}<f32, C>>(&zeros[0], {{tile}}u);
//@end
    var left = p.segment;
    for (var b = 0u; b < blocks; b++) {
//@include block
        var code = k0;
//@for g in 1 2 3 4 5 6 7
        if first == {{g}}u {
            code = k{{g}};
        }
//@end
        let four = vec4<f16>(unpack4xI8(code));
        let to = in_tiles(r, first * 4u);
        let sixteen = qa[2u * (brought + b) + lid % 2u];
//@for i in 0 1 2 3
        let x{{i}} = vec4<f16>(unpack4xI8(sixteen[{{i}}]));
        let to{{i}} = in_tiles(lid / 2u, lid % 2u * 16u + {{i}}u * 4u);
//@end
//@for i in 0 1 2 3
        codes[to + {{i}}u] = four[{{i}}];
//@for j in 0 1 2 3
        inputs[to{{i}} + {{j}}u] = x{{i}}[{{j}}];
//@end
//@end
        workgroupBarrier();
//@each h parts
//@if units
        {
//@each i side
//@each j side
            var sum{{i}}{{j}} = zero;
//@end
//@end
//@each k part_steps
            {
                let of_weights = ({{h}}u * {{part_steps}}u + {{k}}u) * {{tile_len}}u;
                let of_inputs = of_weights + unit * 512u;
//@each i side
                let x{{i}} = coopLoadT<coop_mat{{tile}}x{{tile}}<f16, A>>(&inputs[of_inputs + {{i}}u * {{row_len}}u], {{tile}}u);
                let w{{i}} = coopLoad<coop_mat{{tile}}x{{tile}}<f16, B>>(&codes[of_weights + {{i}}u * {{row_len}}u], {{tile}}u);
//@end
//@each i side
//@each j side
                sum{{i}}{{j}} = coopMultiplyAdd(x{{i}}, w{{j}}, sum{{i}}{{j}});
//@end
//@end
            }
//@end
//@each i side
//@each j side
            // The index and the stride have names because naga's SPIR-V needs them to.
            let to{{i}}{{j}} = {{h}}u * 1024u + (unit * 16u + {{i}}u * {{tile}}u) * 16u + {{j}}u * {{tile}}u;
            let stride{{i}}{{j}} = 16u;
            coopStoreT(sum{{i}}{{j}}, &dots[to{{i}}{{j}}], stride{{i}}{{j}});
//@end
//@end
        }
//@end
//@if emulated
        for (var i = lid % 32u; i < 256u; i += 32u) {
            var sum = 0.0;
            for (var k = {{h}}u * {{part_len}}u; k < ({{h}}u + 1u) * {{part_len}}u; k++) {
                sum += f32(inputs[in_tiles(unit * 16u + i / 16u, k)]) * f32(codes[in_tiles(i % 16u, k)]);
            }
            dots[{{h}}u * 1024u + unit * 256u + i] = sum;
        }
//@end
//@end
        workgroupBarrier();
//@each c outputs
        {
            let of_block = qs[at{{c}} + b];
            var dot0 = dots[row{{c}} * 16u + r];
//@if halves
            var dot1 = dots[1024u + row{{c}} * 16u + r];
//@end
//@if whole
            // All of the block is in the first.
            var dot1 = 0.0;
//@end
//@include add_block
        }
//@end
        left -= 1u;
        if left == 0u || b + 1u == blocks {
            left = p.segment;
//@each c outputs
            total{{c}} += acc{{c}};
            acc{{c}} = 0.0;
//@end
        }
    }
//@each c outputs
//@if dense
    if first_row + row{{c}} < p.rows && panel * 16u + r < lists[job + 7u] {
        finish(job, first_row + row{{c}}, panel * 16u + r, total{{c}});
    }
//@end
//@if experts
    if row{{c}} < count && index + r < lists[job + 5u] {
        finish_expert(job, pair{{c}}, expert, index + r, total{{c}});
    }
//@end
//@end
}

// Rows of a weight matrix as f32, one K-block a thread: grid (ceil(blocks / 64), rows). Rows that lie in other pieces of
// the matrix are left alone.
@group(0) @binding(0) var<storage, read_write> ys: array<f32>;
@group(0) @binding(1) var<storage, read> lists: array<u32>;
@group(0) @binding(2) var<storage, read> w: array<vec4<u32>>;
//@if int
@group(0) @binding(3) var<storage, read> words: array<u32>;
//@end
struct P {
    y: u32, cols: u32, blocks: u32, rows: u32, w_at: u32, x_at: u32, s_at: u32,
    first_row: u32, piece_rows: u32, scale: f32, add: u32,
}
var<immediate> p: P;
//@if looked_up
//@include levels
//@end

fn put(row: u32, i: u32, value: f32) {
    if i < p.cols {
        let at = p.y + row * p.cols + i;
        let y = value * p.scale;
        if p.add != 0u {
            ys[at] += y;
        } else {
            ys[at] = y;
        }
    }
}

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
//@if looked_up
    fill_levels(lid);
//@end
    let b = group.x * 64u + lid;
    let index = lists[p.rows + group.y] - p.first_row;
    // An index before the piece wraps, and is beyond it, too.
    if b >= p.blocks || index >= p.piece_rows {
        return;
    }
    let blocks = p.blocks;
    let w_at = p.w_at;
    let x_at = p.x_at;
    let s_at = p.s_at;
    let panel = index / 16u;
    let r = index % 16u;
    let row = group.y;
//@if int
//@include block
//@for g in 0 1 2 3
    {
        let code = vec4<f32>(unpack4xI8(k{{g}})) - {{offset}}.0;
//@if halves
        var v = scale0 * code;
//@if min
        v -= min0;
//@end
//@end
//@if whole
        var v = scale * code;
//@if min
        v {{min_sign_assign}} min;
//@end
//@end
        for (var i = 0u; i < 4u; i++) {
            put(row, b * 32u + {{g}}u * 4u + i, v[i]);
        }
    }
//@end
//@for g in 4 5 6 7
    {
        let code = vec4<f32>(unpack4xI8(k{{g}})) - {{offset}}.0;
//@if halves
        var v = scale1 * code;
//@if min
        v -= min1;
//@end
//@end
//@if whole
        var v = scale * code;
//@if min
        v {{min_sign_assign}} min;
//@end
//@end
        for (var i = 0u; i < 4u; i++) {
            put(row, b * 32u + {{g}}u * 4u + i, v[i]);
        }
    }
//@end
//@end
//@if float
    for (var g = 0u; g < 8u; g++) {
//@include float_weights
        for (var i = 0u; i < 4u; i++) {
            put(row, b * 32u + g * 4u + i, v[i]);
        }
    }
//@end
}

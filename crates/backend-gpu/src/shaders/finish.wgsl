// A job of a matmul as the host lays it down in `lists`, 16 words; and what becomes of a product.
//   0 first workgroup  1 w_at  2 x_at  3 s_at  4 out (element)  5 out width  6 first row  7 rows
//   8 weight scale  9 bias or NONE  10 clamp or 0  11 scale  12 add
// Of experts: 6 and 7 are those of the piece, 8 is the vector of scales or NONE, and
//   13 panels of an expert
const NONE = 0xffffffffu;
//@if experts

fn finish_expert(job: u32, row: u32, expert: u32, index: u32, dot: f32) {
    var y = dot;
    if lists[job + 8u] != NONE {
        y *= vectors[lists[job + 8u] + expert];
    }
    if lists[job + 9u] != NONE {
        y += vectors[lists[job + 9u] + expert * lists[job + 5u] + index];
    }
    ys[lists[job + 4u] + row * lists[job + 5u] + index] = y;
}
//@end
//@if dense

fn finish(job: u32, row: u32, r: u32, dot: f32) {
    var y = dot * bitcast<f32>(lists[job + 8u]);
    let index = lists[job + 6u] + r;
    let bias = lists[job + 9u];
    if bias != NONE {
        y += vectors[bias + index];
    }
    let limit = bitcast<f32>(lists[job + 10u]);
    if limit > 0.0 {
        y = limited(y, limit);
    }
    y *= bitcast<f32>(lists[job + 11u]);
    let at = lists[job + 4u] + row * lists[job + 5u] + index;
    if lists[job + 12u] != 0u {
        ys[at] += y;
    } else {
        ys[at] = y;
    }
}
//@end

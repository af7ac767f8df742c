// Memories over the rows of one sequence: delta nets, and scans of heads or of channels. Grid (heads * ceil(columns / 16),
// sequences), 64 threads: 16 columns of a head, 4 threads each. Of its column, thread `part` has the cells `part, part + 4,
// ...`, which is how the reference parts its sums: so each is of one thread, in order, and four make the result.
//
// A state is `[head][16 columns][row of the memory][16]`: thread `lid` has every 64th value from `lid` on. In registers
// it is read once and written once a step, however many rows there are; memories of more rows than registers hold stay
// where they are.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> bs: array<f32>;
@group(0) @binding(2) var<storage, read_write> cs: array<f32>;
@group(0) @binding(3) var<storage, read_write> ds: array<f32>;
@group(0) @binding(4) var<storage, read_write> gs: array<f32>;
@group(0) @binding(5) var<storage, read_write> ys: array<f32>;
@group(0) @binding(6) var<storage, read> vectors: array<f32>;
@group(0) @binding(7) var<storage, read_write> states: array<f32>;
@group(0) @binding(8) var<storage, read> lists: array<u32>;
struct P {
    x: u32, b: u32, c: u32, d: u32, g: u32, y: u32,
    heads: u32, columns: u32, n: u32, groups: u32, is_tiled: u32,
    bias: u32, rate: u32, skip: u32, walks: u32, stride: u32,
}
var<immediate> p: P;
//@include math
//@include softplus
//@include walk

//@if registers
// What k or b, and q or c, have for the cells of each part, four together; behind the last one zeros.
var<workgroup> into: array<vec4<f32>, {{cells}}>;
var<workgroup> out_of: array<vec4<f32>, {{cells}}>;
//@end
var<workgroup> sums: array<f32, 64>;
//@if delta
var<workgroup> known_sums: array<f32, 64>;
//@end

//@if registers
// A cell of a state that has `known` of them. Without a branch, so that a thread waits for all of its cells once.
fn cell(state: u32, at: u32, known: u32) -> f32 {
    return select(0.0, states[state + min(at, p.n * 16u - 1u)], at < known);
}

fn keep(to: u32, at: u32, cells: vec4<f32>) {
    let count = p.n * 16u;
//@for k in 0 1 2 3
    if at + {{k}}u * 64u < count {
        states[to + at + {{k}}u * 64u] = cells[{{k}}];
    }
//@end
}

// One after the other, as the reference adds.
fn added(sum: f32, a: vec4<f32>, b: vec4<f32>) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}
//@if channels

fn rate(i: u32, column: u32) -> f32 {
    return vectors[p.rate + min(i, p.n - 1u) * p.columns + min(column, p.columns - 1u)];
}

fn exps(x: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(exp_(x.x), exp_(x.y), exp_(x.z), exp_(x.w));
}
//@end
//@end

@compute @workgroup_size({{wg}})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let walk = walk_of(group.y);
    let blocks = (p.columns + 15u) / 16u;
    let head = group.x / blocks;
    let column = group.x % blocks * 16u + lid % 16u;
    let is_live = column < p.columns;
    let part = lid / 16u;
    let shared_head = select(head / (p.heads / p.groups), head % p.groups, p.is_tiled != 0u);
    // Values of these columns, and where they begin in a state.
    let count = p.n * 16u;
    let first = group.x * count;
    let state = walk.slot * p.stride + first;
//@if registers
    let known = select(count, 0u, walk.is_new);
//@each q quads
    let at{{q}} = {{q}}u * 256u + lid;
    var s{{q}} = vec4<f32>(
        cell(state, at{{q}}, known),
        cell(state, at{{q}} + 64u, known),
        cell(state, at{{q}} + 128u, known),
        cell(state, at{{q}} + 192u, known),
    );
//@end
//@if channels
//@each q quads
    let i{{q}} = {{q}}u * 16u + part;
    let rate{{q}} = vec4<f32>(
        rate(i{{q}}, column),
        rate(i{{q}} + 4u, column),
        rate(i{{q}} + 8u, column),
        rate(i{{q}} + 12u, column),
    );
//@end
//@end
//@end
//@if in_place
    if walk.is_new {
        for (var i = lid; i < count; i += 64u) {
            states[state + i] = 0.0;
        }
    }
//@end
    var save = walk.saves;
    for (var row = walk.first; row < walk.end; row++) {
        let shared_at = (row * p.groups + shared_head) * p.n;
//@if registers
        if lid < {{cells}}u {
            var b = vec4<f32>(0.0);
            var c = vec4<f32>(0.0);
            let i = lid % {{quads}}u * 16u + lid / {{quads}}u;
//@for k in 0 1 2 3
            if i + {{k}}u * 4u < p.n {
                b[{{k}}] = bs[p.b + shared_at + i + {{k}}u * 4u];
                c[{{k}}] = cs[p.c + shared_at + i + {{k}}u * 4u];
            }
//@end
            into[lid] = b;
            out_of[lid] = c;
        }
//@end
        let at = (row * p.heads + head) * p.columns + column;
        var x = 0.0;
        if is_live {
            x = xs[p.x + at];
        }
//@if delta
        let step = softplus(ds[p.d + row * p.heads + head] + vectors[p.bias + head]);
        let decay = exp_(vectors[p.rate + head] * step);
        let write = sigmoid(gs[p.g + row * p.heads + head]);
//@end
//@if heads
        let step = softplus(ds[p.d + row * p.heads + head] + vectors[p.bias + head]);
        let decay = exp_(step * vectors[p.rate + head]);
        let input = step * x;
//@end
//@if channels
        var step = 0.0;
        if is_live {
            step = softplus(ds[p.d + at]);
        }
        let input = step * x;
//@end
        workgroupBarrier();
        var sum = 0.0;
//@if delta
//@if registers
//@each q quads
        s{{q}} *= decay;
        sum = added(sum, into[part * {{quads}}u + {{q}}u], s{{q}});
//@end
//@end
//@if in_place
        for (var i = lid; i < count; i += 64u) {
            let cell = states[state + i] * decay;
            states[state + i] = cell;
            sum = fma(bs[p.b + shared_at + i / 16u], cell, sum);
        }
//@end
        known_sums[lid] = sum;
        workgroupBarrier();
        let c16 = lid % 16u;
        let recalled = (known_sums[c16] + known_sums[c16 + 32u]) + (known_sums[c16 + 16u] + known_sums[c16 + 48u]);
        let input = (x - recalled) * write;
        sum = 0.0;
//@end
//@if registers
//@each q quads
//@if delta
        s{{q}} = fma(into[part * {{quads}}u + {{q}}u], vec4<f32>(input), s{{q}});
//@end
//@if heads
        s{{q}} = fma(into[part * {{quads}}u + {{q}}u], vec4<f32>(input), s{{q}} * decay);
//@end
//@if channels
        s{{q}} = fma(into[part * {{quads}}u + {{q}}u], vec4<f32>(input), s{{q}} * exps(step * rate{{q}}));
//@end
        sum = added(sum, out_of[part * {{quads}}u + {{q}}u], s{{q}});
//@end
//@end
//@if in_place
        for (var i = lid; i < count; i += 64u) {
            var cell = states[state + i];
//@if heads
            cell *= decay;
//@end
//@if channels
            if is_live {
                cell *= exp_(step * vectors[p.rate + i / 16u * p.columns + column]);
            }
//@end
            cell = fma(bs[p.b + shared_at + i / 16u], input, cell);
            states[state + i] = cell;
            sum = fma(cs[p.c + shared_at + i / 16u], cell, sum);
        }
//@end
        sums[lid] = sum;
        workgroupBarrier();
        if is_live && part == 0u {
            let y = (sums[lid] + sums[lid + 32u]) + (sums[lid + 16u] + sums[lid + 48u]);
//@if delta
            ys[p.y + at] = y;
//@end
//@if heads
            ys[p.y + at] = fma(vectors[p.skip + head], x, y);
//@end
//@if channels
            ys[p.y + at] = fma(vectors[p.skip + column], x, y);
//@end
        }
        if save < walk.saves_end {
            if lists[save] == row {
                let to = lists[save + 1u] * p.stride + first;
//@if registers
//@each q quads
                keep(to, at{{q}}, s{{q}});
//@end
//@end
//@if in_place
                for (var i = lid; i < count; i += 64u) {
                    states[to + i] = states[state + i];
                }
//@end
                save += 2u;
            }
        }
    }
//@if registers
//@each q quads
    keep(state, at{{q}}, s{{q}});
//@end
//@end
}

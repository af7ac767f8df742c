// Pairs of row and expert sorted by expert, and cut into tiles of up to `cols` pairs of one expert: one workgroup. Which pairs
// share a tile is of no matter to their bits.
//
//   sorted[0]        how many tiles there are
//   sorted[1 ..]     of each tile: its expert, where its first pair stands, how many it has
//   sorted[pairs ..] pairs
@group(0) @binding(0) var<storage, read> routes: array<vec2<u32>>;
@group(0) @binding(1) var<storage, read_write> sorted: array<u32>;
struct P { count: u32, experts: u32, cols: u32, pairs: u32 }
var<immediate> p: P;

// Of each expert: pairs, then where the next one goes.
var<workgroup> places: array<atomic<u32>, {{max_experts}}>;
// Pairs and tiles of the experts of each thread, then of those before them, too.
var<workgroup> totals: array<vec2<u32>, {{wg}}>;

fn tiles_of(pairs: u32) -> u32 {
    return (pairs + p.cols - 1u) / p.cols;
}

@compute @workgroup_size({{wg}})
fn main(@builtin(local_invocation_index) lid: u32) {
    for (var e = lid; e < p.experts; e += {{wg}}u) {
        atomicStore(&places[e], 0u);
    }
    workgroupBarrier();
    for (var i = lid; i < p.count; i += {{wg}}u) {
        atomicAdd(&places[routes[i].x], 1u);
    }
    workgroupBarrier();
    // Each thread has experts that lie side by side.
    let each = (p.experts + {{wg}}u - 1u) / {{wg}}u;
    let first = min(lid * each, p.experts);
    let end = min(first + each, p.experts);
    var total = vec2<u32>(0u);
    for (var e = first; e < end; e++) {
        let pairs = atomicLoad(&places[e]);
        total += vec2<u32>(pairs, tiles_of(pairs));
    }
    totals[lid] = total;
    workgroupBarrier();
    for (var step = 1u; step < {{wg}}u; step *= 2u) {
        var before = vec2<u32>(0u);
        if lid >= step {
            before = totals[lid - step];
        }
        workgroupBarrier();
        totals[lid] += before;
        workgroupBarrier();
    }
    var at = totals[lid] - total;
    if lid == {{wg}}u - 1u {
        sorted[0] = totals[lid].y;
    }
    for (var e = first; e < end; e++) {
        let pairs = atomicLoad(&places[e]);
        atomicStore(&places[e], at.x);
        for (var from_ = 0u; from_ < pairs; from_ += p.cols) {
            let tile = 1u + 3u * at.y;
            sorted[tile] = e;
            sorted[tile + 1u] = p.pairs + at.x + from_;
            sorted[tile + 2u] = min(p.cols, pairs - from_);
            at.y += 1u;
        }
        at.x += pairs;
    }
    workgroupBarrier();
    for (var i = lid; i < p.count; i += {{wg}}u) {
        sorted[p.pairs + atomicAdd(&places[routes[i].x], 1u)] = i;
    }
}

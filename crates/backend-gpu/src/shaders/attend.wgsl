// Attention of up to {{slots}} pairs of row and query head over their pages: grid (groups of heads, groups of rows), 64 threads.
//
// A slot has one query head of one row: first the heads of a row that have their keys in common, up to `heads_each` of them;
// then, where these leave slots, further rows, of one sequence, or of several whose first tiles are the same pages. What slots
// share is read once for all of them; behind it each row goes on alone. A row walks its positions in segments of 512, and these
// in tiles of 64, that begin at multiples of 512 and 64 of the sequence, in ascending order. A segment has one running maximum,
// sum and output; see segments.wgsl for how they come together. So a row's result depends neither on its group nor on chunks
// nor on where pages lie; nor on whether one workgroup walks all segments, or each has its own and join.wgsl puts them together.
// A thread first has a position of the tile, then {{dims}} dimensions of the outputs. What a row does not see changes nothing of
// it, NaN included. `quantise` asks for the int8 form of the output beside.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> lists: array<u32>;
@group(0) @binding(4) var<storage, read> keys: array<u32>;
@group(0) @binding(5) var<storage, read> values: array<u32>;
@group(0) @binding(6) var<storage, read_write> qa: array<u32>;
@group(0) @binding(7) var<storage, read_write> qs: array<vec2<u32>>;
// [part][head][maximum, sum, outputs]
@group(0) @binding(8) var<storage, read_write> parts: array<f32>;
struct P {
    q: u32, y: u32, heads: u32, kv_heads: u32, head_dim: u32, heads_each: u32,
    // Of each group: how many rows, how many tiles they share, the first segment and the end of those it walks, where the first
    // row's part goes, if its segments are not all, parts from there to the next row's, and `slots / heads_each` numbers of rows.
    groups: u32,
    positions: u32, tables: u32, window_kind: u32, window: u32,
    scale: f32, cap: f32, slopes: u32, sinks: u32, quantise: u32,
    // Width of a value, and of what it is stored in: itself, or the key whose first elements it is.
    value_dim: u32, stored_dim: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
// Of each slot a number, an index, a truth.
alias Of = vec{{slots}}<f32>;
alias At = vec{{slots}}<u32>;
alias Is = vec{{slots}}<bool>;
//@include math
//@include segments
//@include window
//@include kv
//@include quantise

// Elements of the queries, zeros behind their ends.
var<workgroup> query: array<Of, {{query_len}}>;
// Of each position of the tile.
var<workgroup> scores: array<Of, 64>;
var<workgroup> shares: array<Of, 64>;
var<workgroup> places: array<u32, 64>;
// A finished row of one head.
var<workgroup> output: array<f32, {{value_len}}>;

// The dots of a key with all queries.
fn dots(at: u32) -> Of {
    var acc = Of(0.0);
//@if kv_f32
    for (var d = 0u; d < p.head_dim; d++) {
        acc = fma(query[d], Of(bitcast<f32>(keys[at + d])), acc);
    }
//@end
//@if kv_f16
    for (var w = 0u; w < (p.head_dim + 1u) / 2u; w++) {
        let k = unpack2x16float(keys[at + w]);
        acc = fma(query[2u * w], Of(k.x), acc);
        acc = fma(query[2u * w + 1u], Of(k.y), acc);
    }
//@end
//@if kv_q8
    for (var b = 0u; b < p.head_dim / 32u; b++) {
        let scale = unpack2x16float(keys[at + p.head_dim / 4u + b / 2u])[b % 2u];
        for (var w = 8u * b; w < 8u * b + 8u; w++) {
            let k = scale * vec4<f32>(unpack4xI8(keys[at + w]));
            acc = fma(query[4u * w], Of(k.x), acc);
            acc = fma(query[4u * w + 1u], Of(k.y), acc);
            acc = fma(query[4u * w + 2u], Of(k.z), acc);
            acc = fma(query[4u * w + 3u], Of(k.w), acc);
        }
    }
//@end
    return acc;
}

fn value_at(at: u32, d: u32) -> f32 {
//@if kv_f32
    return bitcast<f32>(values[at + d]);
//@end
//@if kv_f16
    return unpack2x16float(values[at + d / 2u])[d % 2u];
//@end
//@if kv_q8
    let scale = unpack2x16float(values[at + p.stored_dim / 4u + d / 64u])[d / 32u % 2u];
    return scale * f32(unpack4xI8(values[at + d / 4u])[d % 4u]);
//@end
}

fn lowest(x: At) -> u32 {
    var y = x.x;
//@for e in {{elements}}
    y = min(y, x.{{e}});
//@end
    return y;
}

fn highest(x: At) -> u32 {
    var y = x.x;
//@for e in {{elements}}
    y = max(y, x.{{e}});
//@end
    return y;
}

//@for f in exp_ tanh_
fn {{f}}all(x: Of) -> Of {
    var y: Of;
//@for e in {{elements}}
    y.{{e}} = {{f}}(x.{{e}});
//@end
    return y;
}

//@end
fn joined_all(sum: Of, growth: Of, next: Of, next_growth: Of) -> Of {
    var y: Of;
//@for e in {{elements}}
    y.{{e}} = joined(sum.{{e}}, growth.{{e}}, next.{{e}}, next_growth.{{e}});
//@end
    return y;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let shared_heads = p.heads / p.kv_heads;
    let head_groups = (shared_heads + p.heads_each - 1u) / p.heads_each;
    let kv_head = group.x / head_groups;
    let rows_each = {{slots}}u / p.heads_each;
    let entry = p.groups + group.y * (rows_each + 6u);
    let count = lists[entry];
    let shared_tiles = lists[entry + 1u];
    let part = lists[entry + 4u];
    let row_parts = lists[entry + 5u];
    let key_words = head_words(p.head_dim);
    let value_words = head_words(p.stored_dim);
    let row_index = At({{numbers}}) / At(p.heads_each);
    let head_index = At(group.x % head_groups * p.heads_each) + At({{numbers}}) % At(p.heads_each);
    let is_live = (row_index < At(count)) & (head_index < At(shared_heads));
    let head = At(kv_head * shared_heads) + min(head_index, At(shared_heads - 1u));
    var row: At;
    var position: At;
    var start: At;
    var slope: Of;
    // Of all segments.
    var all_m = Of(LOWEST);
    var all_l = Of(0.0);
//@for e in {{elements}}
    row.{{e}} = lists[entry + 6u + min(row_index.{{e}}, rows_each - 1u)];
    position.{{e}} = lists[p.positions + row.{{e}}];
    start.{{e}} = first_position(position.{{e}});
    if p.slopes != NONE {
        slope.{{e}} = vectors[p.slopes + head.{{e}}];
    }
    if p.sinks != NONE {
        all_m.{{e}} = vectors[p.sinks + head.{{e}}];
        all_l.{{e}} = 1.0;
    }
//@end
//@each j dims
    var all{{j}} = Of(0.0);
//@end
    for (var d = lid; d < {{query_len}}u; d += 64u) {
        var q = Of(0.0);
        if d < p.head_dim {
//@for e in {{elements}}
            q.{{e}} = xs[p.q + (row.{{e}} * p.heads + head.{{e}}) * p.head_dim + d];
//@end
        }
        query[d] = q;
    }
    workgroupBarrier();
    let end_segment = min(highest(position) / SEGMENT + 1u, lists[entry + 3u]);
    for (var segment = max(lowest(start) / SEGMENT, lists[entry + 2u]); segment < end_segment; segment++) {
        var m = Of(LOWEST);
        var l = Of(0.0);
//@each j dims
        var acc{{j}} = Of(0.0);
//@end
        // What all share, then what each row has alone.
        for (var turn = 0u; turn <= count; turn++) {
            let own = lists[entry + 6u + max(turn, 1u) - 1u];
            let table = lists[p.tables + own];
            var tile = lowest(start) / 64u;
            var end = min(highest(position) / 64u + 1u, shared_tiles);
            if turn > 0u {
                tile = max(first_position(lists[p.positions + own]) / 64u, shared_tiles);
                end = lists[p.positions + own] / 64u + 1u;
            }
            tile = max(tile, segment * SEGMENT_TILES);
            end = min(end, (segment + 1u) * SEGMENT_TILES);
            let is_turn = is_live & (Is(turn == 0u) | (row_index + At(1u) == At(turn)));
            for (; tile < end; tile++) {
                // The first and the last position of the tile that a row sees; the last is before the first if it sees none.
                let base = At(tile * 64u);
                let sees = is_turn & (base + At(63u) >= start) & (base <= position);
                let first = select(At(64u), max(start, base) - base, sees);
                let last = select(At(0u), min(position - base, At(63u)), sees);
                let low = lowest(first);
                let high = highest(last);
                var s = Of(0.0);
                if lid >= low && lid <= high {
                    let slot = lists[table + (base.x + lid) / 16u] * 16u + lid % 16u;
                    let place = slot * p.kv_heads + kv_head;
                    places[lid] = place * value_words;
                    s = dots(place * key_words) * p.scale;
                    if p.cap > 0.0 {
                        s = p.cap * tanh_all(s / p.cap);
                    }
                    if p.slopes != NONE {
                        s = fma(slope, -Of(position - base - At(lid)), s);
                    }
                }
                scores[lid] = select(Of(LOWEST), s, (At(lid) >= first) & (At(lid) <= last));
                workgroupBarrier();
                var top = m;
                for (var i = 0u; i < 64u; i++) {
                    top = max(top, scores[i]);
                }
                let correction = exp_all(m - top);
                shares[lid] = exp_all(scores[lid] - top);
                m = top;
                var sum = Of(0.0);
//@each j dims
                acc{{j}} *= correction;
//@end
                workgroupBarrier();
                // Shares are summed by quarters of the tile, as several threads can.
                for (var quarter = low / 16u; quarter <= high / 16u; quarter++) {
                    var quarter_sum = Of(0.0);
                    for (var t = max(low, quarter * 16u); t <= min(high, quarter * 16u + 15u); t++) {
                        let place = places[t];
                        let is_seen = (At(t) >= first) & (At(t) <= last);
                        let share = select(Of(0.0), shares[t], is_seen);
                        quarter_sum += share;
//@each j dims
                        if lid + {{j}}u * 64u < p.value_dim {
                            let v = value_at(place, lid + {{j}}u * 64u);
                            acc{{j}} = select(acc{{j}}, fma(share, Of(v), acc{{j}}), is_seen);
                        }
//@end
                    }
                    sum += quarter_sum;
                }
                l = fma(l, correction, sum);
                // The next tile writes `places`.
                workgroupBarrier();
            }
        }
        // Its own segments: others of the group may begin before, or end behind.
        let is_seen = is_live & (At(segment) >= start / At(SEGMENT)) & (At(segment) <= position / At(SEGMENT));
        if part != NONE {
//@for e in {{elements}}
            if is_seen.{{e}} {
                let at = ((part + row_index.{{e}} * row_parts) * p.heads + head.{{e}}) * (p.value_dim + 2u);
                if lid == 0u {
                    parts[at] = m.{{e}};
                    parts[at + 1u] = l.{{e}};
                }
//@each j dims
                if lid + {{j}}u * 64u < p.value_dim {
                    parts[at + 2u + lid + {{j}}u * 64u] = acc{{j}}.{{e}};
                }
//@end
            }
//@end
        } else {
            let top = max(all_m, m);
            let before = exp_all(all_m - top);
            let here = exp_all(m - top);
            all_l = select(all_l, joined_all(all_l, before, l, here), is_seen);
            all_m = select(all_m, top, is_seen);
//@each j dims
            all{{j}} = select(all{{j}}, joined_all(all{{j}}, before, acc{{j}}, here), is_seen);
//@end
        }
    }
    if part != NONE {
        return;
    }
    let inverse = Of(1.0) / all_l;
//@for e in {{elements}}
    if is_live.{{e}} {
        let out_at = (row.{{e}} * p.heads + head.{{e}}) * p.value_dim;
//@each j dims
        if lid + {{j}}u * 64u < p.value_dim {
            let y = all{{j}}.{{e}} * inverse.{{e}};
            ys[p.y + out_at + lid + {{j}}u * 64u] = y;
            output[lid + {{j}}u * 64u] = y;
        }
//@end
        if p.quantise != 0u {
//@include quantise_out
            // The next row writes `output`.
            workgroupBarrier();
        }
    }
//@end
}

// Attention of one query head of up to {{rows}} rows over their pages: grid (heads, groups of rows), 64 threads.
//
// The rows of a group are of one sequence, or of several whose first tiles are the same pages: what rows share is read once
// for all of them, and behind it each row goes on alone. A row walks its positions in segments of 512, and these in tiles of
// 64, that begin at multiples of 512 and 64 of the sequence, in ascending order. A segment has one running maximum, sum and
// output; see segments.wgsl for how they come together. So a row's result depends neither on its group nor on chunks nor on
// where pages lie; nor on whether one workgroup walks all segments, or each has its own and join.wgsl puts them together. A
// thread first has a position of the tile, then {{dims}} dimensions of the outputs. What a row does not see changes nothing of
// it, NaN included. `quantise` asks for the int8 form of the output beside.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read_write> ys: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> lists: array<u32>;
@group(0) @binding(4) var<storage, read> keys: array<u32>;
@group(0) @binding(5) var<storage, read> values: array<u32>;
@group(0) @binding(6) var<storage, read_write> qa: array<u32>;
@group(0) @binding(7) var<storage, read_write> qs: array<vec2<u32>>;
// [slot][head][maximum, sum, outputs]
@group(0) @binding(8) var<storage, read_write> parts: array<f32>;
struct P {
    q: u32, y: u32, heads: u32, kv_heads: u32, head_dim: u32,
    // Of each group: how many rows, how many tiles they share, the first segment and the end of those it walks, the slot that
    // the first row's part goes to, if its segments are not all, slots from there to the next row's, and {{rows}} numbers of rows.
    groups: u32,
    positions: u32, tables: u32, window_kind: u32, window: u32,
    scale: f32, cap: f32, slopes: u32, sinks: u32, quantise: u32,
    // Width of a value, and of what it is stored in: itself, or the key whose first elements it is.
    value_dim: u32, stored_dim: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
//@include math
//@include segments
//@include window
//@include kv
//@include quantise

// [row][{{query_len}}]
var<workgroup> query: array<f32, {{queries_len}}>;
// [row][64]
var<workgroup> scores: array<f32, {{scores_len}}>;
var<workgroup> shares: array<f32, {{scores_len}}>;
var<workgroup> places: array<u32, 64>;
var<private> dots: array<f32, {{rows}}>;

// The dot of a key with the query that begins at `from_`.
fn dot_one(from_: u32, at: u32) -> f32 {
    var acc = 0.0;
//@if kv_f32
    for (var d = 0u; d < p.head_dim; d++) {
        acc = fma(query[from_ + d], bitcast<f32>(keys[at + d]), acc);
    }
//@end
//@if kv_f16
    for (var w = 0u; w < (p.head_dim + 1u) / 2u; w++) {
        let k = unpack2x16float(keys[at + w]);
        acc = fma(query[from_ + 2u * w], k.x, acc);
        acc = fma(query[from_ + 2u * w + 1u], k.y, acc);
    }
//@end
//@if kv_q8
    for (var b = 0u; b < p.head_dim / 32u; b++) {
        let scale = unpack2x16float(keys[at + p.head_dim / 4u + b / 2u])[b % 2u];
        for (var w = 8u * b; w < 8u * b + 8u; w++) {
            let k = scale * vec4<f32>(unpack4xI8(keys[at + w]));
            acc = fma(query[from_ + 4u * w], k.x, acc);
            acc = fma(query[from_ + 4u * w + 1u], k.y, acc);
            acc = fma(query[from_ + 4u * w + 2u], k.z, acc);
            acc = fma(query[from_ + 4u * w + 3u], k.w, acc);
        }
    }
//@end
    return acc;
}

//@if many
// The dots of a key with all queries, each as `dot_one` has it, to `dots`.
fn dot_all(at: u32) {
//@each r rows
    var acc{{r}} = 0.0;
//@end
//@if kv_f32
    for (var d = 0u; d < p.head_dim; d++) {
        let k = bitcast<f32>(keys[at + d]);
//@each r rows
        acc{{r}} = fma(query[{{r}}u * {{query_len}}u + d], k, acc{{r}});
//@end
    }
//@end
//@if kv_f16
    for (var w = 0u; w < (p.head_dim + 1u) / 2u; w++) {
        let k = unpack2x16float(keys[at + w]);
//@each r rows
        acc{{r}} = fma(query[{{r}}u * {{query_len}}u + 2u * w], k.x, acc{{r}});
        acc{{r}} = fma(query[{{r}}u * {{query_len}}u + 2u * w + 1u], k.y, acc{{r}});
//@end
    }
//@end
//@if kv_q8
    for (var b = 0u; b < p.head_dim / 32u; b++) {
        let scale = unpack2x16float(keys[at + p.head_dim / 4u + b / 2u])[b % 2u];
        for (var w = 8u * b; w < 8u * b + 8u; w++) {
            let k = scale * vec4<f32>(unpack4xI8(keys[at + w]));
//@each r rows
            acc{{r}} = fma(query[{{r}}u * {{query_len}}u + 4u * w], k.x, acc{{r}});
            acc{{r}} = fma(query[{{r}}u * {{query_len}}u + 4u * w + 1u], k.y, acc{{r}});
            acc{{r}} = fma(query[{{r}}u * {{query_len}}u + 4u * w + 2u], k.z, acc{{r}});
            acc{{r}} = fma(query[{{r}}u * {{query_len}}u + 4u * w + 3u], k.w, acc{{r}});
//@end
        }
    }
//@end
//@each r rows
    dots[{{r}}] = acc{{r}};
//@end
}
//@end

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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let head = group.x;
    let entry = p.groups + group.y * ({{rows}}u + 6u);
    let count = lists[entry];
    let shared_tiles = lists[entry + 1u];
    let kv_head = head / (p.heads / p.kv_heads);
    let key_words = head_words(p.head_dim);
    let value_words = head_words(p.stored_dim);
//@each r rows
    // Numbers behind the last row repeat the first.
    let row{{r}} = lists[entry + 6u + {{r}}u];
    let position{{r}} = lists[p.positions + row{{r}}];
    let table{{r}} = lists[p.tables + row{{r}}];
    let start{{r}} = first_position(position{{r}});
    for (var d = lid; d < {{query_len}}u; d += 64u) {
        let at = (row{{r}} * p.heads + head) * p.head_dim;
        query[{{r}}u * {{query_len}}u + d] = select(0.0, xs[p.q + at + min(d, p.head_dim - 1u)], d < p.head_dim);
    }
    var all_m{{r}} = LOWEST;
    var all_l{{r}} = 0.0;
    if p.sinks != NONE {
        all_m{{r}} = vectors[p.sinks + head];
        all_l{{r}} = 1.0;
    }
//@each j dims
    var all{{r}}_{{j}} = 0.0;
//@end
//@end
    workgroupBarrier();
    let part = lists[entry + 4u];
    let row_parts = lists[entry + 5u];
    var segment = NONE;
    var end_segment = 0u;
//@each r rows
    segment = min(segment, start{{r}} / SEGMENT);
    end_segment = max(end_segment, position{{r}} / SEGMENT + 1u);
//@end
    segment = max(segment, lists[entry + 2u]);
    end_segment = min(end_segment, lists[entry + 3u]);
    for (; segment < end_segment; segment++) {
//@each r rows
        var m{{r}} = LOWEST;
        var l{{r}} = 0.0;
//@each j dims
        var acc{{r}}_{{j}} = 0.0;
//@end
//@end
        // What all share, then what each has alone.
        for (var turn = 0u; turn <= count; turn++) {
            var table = table0;
            var tile = 0xffffffffu;
            var end = 0u;
//@each r rows
            if turn == 0u {
                tile = min(tile, start{{r}} / 64u);
                end = min(max(end, position{{r}} / 64u + 1u), shared_tiles);
            }
            if turn == {{r}}u + 1u {
                table = table{{r}};
                tile = max(start{{r}} / 64u, shared_tiles);
                end = position{{r}} / 64u + 1u;
            }
//@end
            tile = max(tile, segment * SEGMENT_TILES);
            end = min(end, (segment + 1u) * SEGMENT_TILES);
            for (; tile < end; tile++) {
                let base = tile * 64u;
                // The first and the last position of the tile that a row sees; the last is before the first if it sees none.
                var low = 64u;
                var high = 0u;
//@each r rows
                var first{{r}} = 1u;
                var last{{r}} = 0u;
                if {{r}}u < count && (turn == 0u || turn == {{r}}u + 1u) && base + 63u >= start{{r}} && base <= position{{r}} {
                    first{{r}} = max(start{{r}}, base) - base;
                    last{{r}} = min(position{{r}} - base, 63u);
                    low = min(low, first{{r}});
                    high = max(high, last{{r}});
                }
//@end
                if lid >= low && lid <= high {
                    let slot = lists[table + (base + lid) / 16u] * 16u + lid % 16u;
                    let place = slot * p.kv_heads + kv_head;
                    places[lid] = place * value_words;
                    let at = place * key_words;
//@if many
                    if turn == 0u && count > 1u {
                        dot_all(at);
                    } else {
                        let alone = max(turn, 1u) - 1u;
                        let dot = dot_one(alone * {{query_len}}u, at);
//@each r rows
                        if alone == {{r}}u {
                            dots[{{r}}] = dot;
                        }
//@end
                    }
//@end
//@if single
                    dots[0] = dot_one(0u, at);
//@end
                }
//@each r rows
                if first{{r}} <= last{{r}} {
                    var s = LOWEST;
                    if lid >= first{{r}} && lid <= last{{r}} {
                        s = dots[{{r}}] * p.scale;
                        if p.cap > 0.0 {
                            s = p.cap * tanh_(s / p.cap);
                        }
                        if p.slopes != NONE {
                            s = fma(vectors[p.slopes + head], -f32(position{{r}} - base - lid), s);
                        }
                    }
                    scores[{{r}}u * 64u + lid] = s;
                }
//@end
                workgroupBarrier();
//@each r rows
                var sum{{r}} = 0.0;
                var correction{{r}} = 1.0;
                if first{{r}} <= last{{r}} {
                    var highest = m{{r}};
                    for (var i = 0u; i < 64u; i++) {
                        highest = max(highest, scores[{{r}}u * 64u + i]);
                    }
                    correction{{r}} = exp_(m{{r}} - highest);
                    shares[{{r}}u * 64u + lid] = exp_(scores[{{r}}u * 64u + lid] - highest);
                    m{{r}} = highest;
//@each j dims
                    acc{{r}}_{{j}} *= correction{{r}};
//@end
                }
//@end
                workgroupBarrier();
                // Shares are summed by quarters of the tile, as several threads can.
                for (var quarter = low / 16u; quarter <= high / 16u; quarter++) {
//@each r rows
                    var quarter_sum{{r}} = 0.0;
//@end
                    for (var t = max(low, quarter * 16u); t <= min(high, quarter * 16u + 15u); t++) {
                        let place = places[t];
//@each j dims
                        var v{{j}} = 0.0;
                        if lid + {{j}}u * 64u < p.value_dim {
                            v{{j}} = value_at(place, lid + {{j}}u * 64u);
                        }
//@end
//@each r rows
                        if t >= first{{r}} && t <= last{{r}} {
                            let share = shares[{{r}}u * 64u + t];
                            quarter_sum{{r}} += share;
//@each j dims
                            acc{{r}}_{{j}} = fma(share, v{{j}}, acc{{r}}_{{j}});
//@end
                        }
//@end
                    }
//@each r rows
                    sum{{r}} += quarter_sum{{r}};
//@end
                }
//@each r rows
                if first{{r}} <= last{{r}} {
                    l{{r}} = fma(l{{r}}, correction{{r}}, sum{{r}});
                }
//@end
                // The next tile writes `places`.
                workgroupBarrier();
            }
        }
//@each r rows
        // Its own segments: others of the group may begin before, or end behind.
        let is_seen{{r}} = {{r}}u < count && segment >= start{{r}} / SEGMENT && segment <= position{{r}} / SEGMENT;
        if is_seen{{r}} && part != NONE {
            let at = ((part + {{r}}u * row_parts) * p.heads + head) * (p.value_dim + 2u);
            if lid == 0u {
                parts[at] = m{{r}};
                parts[at + 1u] = l{{r}};
            }
//@each j dims
            if lid + {{j}}u * 64u < p.value_dim {
                parts[at + 2u + lid + {{j}}u * 64u] = acc{{r}}_{{j}};
            }
//@end
        } else if is_seen{{r}} {
            let highest = max(all_m{{r}}, m{{r}});
            let before = exp_(all_m{{r}} - highest);
            let here = exp_(m{{r}} - highest);
            all_l{{r}} = joined(all_l{{r}}, before, l{{r}}, here);
//@each j dims
            all{{r}}_{{j}} = joined(all{{r}}_{{j}}, before, acc{{r}}_{{j}}, here);
//@end
            all_m{{r}} = highest;
        }
//@end
    }
    if part != NONE {
        return;
    }
//@each r rows
    if {{r}}u < count {
        let inverse = 1.0 / all_l{{r}};
        let out_at = (row{{r}} * p.heads + head) * p.value_dim;
//@each j dims
        if lid + {{j}}u * 64u < p.value_dim {
            let y = all{{r}}_{{j}} * inverse;
            ys[p.y + out_at + lid + {{j}}u * 64u] = y;
            query[lid + {{j}}u * 64u] = y;
        }
//@end
        if p.quantise != 0u {
//@include quantise_out
            // The next row writes `query`.
            workgroupBarrier();
        }
    }
//@end
}

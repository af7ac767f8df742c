// The experts of one row and their weights, as `kernels::reference::routing` defines them: grid (1, rows), 64 threads.
// `routes` gets matrices and weight of each choice, best first, `[rows][used]`.
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read_write> routes: array<vec2<u32>>;
struct P {
    x: u32, experts: u32, used: u32, gating: u32, bias: u32, groups: u32, groups_used: u32, normalise: u32, scale: f32,
    sharing: u32,
}
var<immediate> p: P;
const NONE = 0xffffffffu;
// Below every score that counts.
const LOWEST = -3.4028234e38;
const FLOOR = 6.103515625e-5;
//@include math

var<workgroup> weights: array<f32, {{max_experts}}>;
var<workgroup> scores: array<f32, {{max_experts}}>;
var<workgroup> taken: array<u32, {{max_experts}}>;
var<workgroup> best_score: array<f32, 64>;
var<workgroup> best_expert: array<u32, 64>;
var<workgroup> chosen: array<f32, {{max_used}}>;
var<workgroup> chosen_expert: array<u32, {{max_used}}>;
var<workgroup> shared_value: f32;

fn rank(x: f32) -> f32 {
    return select(max(x, LOWEST), LOWEST, is_nan(x));
}

// Experts outside the best groups get the lowest score.
fn leave_best_groups() {
    let len = p.experts / p.groups;
    for (var kept = 0u; kept < p.groups; kept++) {
        // The best group that has no mark yet; marks stand in `taken`, of a group at its first expert.
        var best = NONE;
        var best_sum = 0.0;
        for (var g = 0u; g < p.groups; g++) {
            if taken[g * len] != 0u {
                continue;
            }
            var first = LOWEST;
            var second = LOWEST;
            for (var i = g * len; i < g * len + len; i++) {
                let s = rank(scores[i]);
                if s > first {
                    second = first;
                    first = s;
                } else {
                    second = max(second, s);
                }
            }
            let sum = select(first + second, first, len == 1u);
            if best == NONE || sum > best_sum {
                best = g;
                best_sum = sum;
            }
        }
        taken[best * len] = 1u;
        if kept >= p.groups_used {
            for (var i = best * len; i < best * len + len; i++) {
                scores[i] = LOWEST;
            }
        }
    }
    for (var g = 0u; g < p.groups; g++) {
        taken[g * len] = 0u;
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
    let at = p.x + group.y * p.experts;
    if p.gating == 0u {
        if lid == 0u {
            var m = LOWEST;
            for (var i = 0u; i < p.experts; i++) {
                m = max(m, xs[at + i]);
            }
            shared_value = m;
        }
        workgroupBarrier();
        let m = shared_value;
        for (var i = lid; i < p.experts; i += 64u) {
            weights[i] = exp_(xs[at + i] - m);
        }
        workgroupBarrier();
        if lid == 0u {
            var sum = 0.0;
            for (var i = 0u; i < p.experts; i++) {
                sum += weights[i];
            }
            shared_value = sum;
        }
        workgroupBarrier();
        let sum = shared_value;
        for (var i = lid; i < p.experts; i += 64u) {
            weights[i] = weights[i] / sum;
        }
    } else {
        for (var i = lid; i < p.experts; i += 64u) {
            let l = xs[at + i];
            weights[i] = select(l, sigmoid(l), p.gating == 1u);
        }
    }
    for (var i = lid; i < p.experts; i += 64u) {
        var s = weights[i];
        if p.bias != NONE {
            s += vectors[p.bias + i];
        }
        scores[i] = s;
        taken[i] = 0u;
    }
    workgroupBarrier();
    if lid == 0u && p.groups > 0u {
        leave_best_groups();
    }
    workgroupBarrier();
    for (var k = 0u; k < p.used; k++) {
        var best = NONE;
        var score = LOWEST;
        for (var i = lid; i < p.experts; i += 64u) {
            let s = rank(scores[i]);
            if taken[i] == 0u && (best == NONE || s > score) {
                best = i;
                score = s;
            }
        }
        best_expert[lid] = best;
        best_score[lid] = score;
        workgroupBarrier();
        if lid == 0u {
            for (var t = 1u; t < 64u; t++) {
                let e = best_expert[t];
                if e != NONE && (best == NONE || best_score[t] > score || (best_score[t] == score && e < best)) {
                    best = e;
                    score = best_score[t];
                }
            }
            taken[best] = 1u;
            chosen_expert[k] = best;
            chosen[k] = weights[best];
        }
        workgroupBarrier();
    }
    if lid == 0u {
        if p.gating == 2u {
            var m = LOWEST;
            for (var k = 0u; k < p.used; k++) {
                m = max(m, chosen[k]);
            }
            var sum = 0.0;
            for (var k = 0u; k < p.used; k++) {
                chosen[k] = exp_(chosen[k] - m);
                sum += chosen[k];
            }
            for (var k = 0u; k < p.used; k++) {
                chosen[k] = chosen[k] / sum;
            }
        }
        if p.gating == 3u {
            for (var k = 0u; k < p.used; k++) {
                chosen[k] = sigmoid(chosen[k]);
            }
        }
        var divisor = 1.0;
        if p.normalise != 0u {
            var sum = 0.0;
            for (var k = 0u; k < p.used; k++) {
                sum += chosen[k];
            }
            divisor = select(max(FLOOR, sum), sum, is_nan(sum));
        }
        for (var k = 0u; k < p.used; k++) {
            let weight = chosen[k] / divisor * p.scale;
            routes[group.y * p.used + k] = vec2<u32>(chosen_expert[k] / p.sharing, bitcast<u32>(weight));
        }
    }
}

// The best of each row, 1024 at a time: grid (ceil(width / 1024), rows). A pass leaves `kept` of each 1024; the next pass
// takes what the last one left, until one group is left.
//
// Order: larger first, then the lower id, as the sampler has it. A pair is (ordered bits, id): bits of a float so that their
// order as integers is the floats' order. NaN is above all, so that whoever reads the best of a row finds it.
//@if values
@group(0) @binding(0) var<storage, read_write> xs: array<f32>;
//@end
//@if pairs
@group(0) @binding(0) var<storage, read> from_pairs: array<vec2<u32>>;
//@end
@group(0) @binding(1) var<storage, read_write> to_pairs: array<vec2<u32>>;
// `silent` to `silent_end`: ids that the host gives the least of all numbers.
struct P { x: u32, width: u32, kept: u32, silent: u32, silent_end: u32 }
var<immediate> p: P;

var<workgroup> keys: array<vec2<u32>, 1024>;

fn is_before(a: vec2<u32>, b: vec2<u32>) -> bool {
    return a.x > b.x || (a.x == b.x && a.y < b.y);
}
//@if values

fn ordered(value: f32) -> u32 {
    let bits = bitcast<u32>(value);
    if (bits & 0x7fffffffu) > 0x7f800000u {
        return 0xffffffffu;
    }
    // -0 is 0.
    if bits << 1u == 0u {
        return 0x80000000u;
    }
    return select(~bits, bits | 0x80000000u, bits >> 31u == 0u);
}
//@end

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lid: u32,
) {
    for (var i = lid; i < 1024u; i += 256u) {
        let at = group.x * 1024u + i;
        // Behind everything, under an id that no token has.
        var pair = vec2<u32>(0u, 0xffffffffu);
        if at < p.width {
//@if values
            let value = select(xs[p.x + group.y * p.width + at], -3.4028235e38, at >= p.silent && at < p.silent_end);
            pair = vec2<u32>(ordered(value), at);
//@end
//@if pairs
            pair = from_pairs[group.y * p.width + at];
//@end
        }
        keys[i] = pair;
    }
    workgroupBarrier();
    let to = (group.y * groups.x + group.x) * p.kept;
//@if one
    for (var apart = 512u; apart > 0u; apart /= 2u) {
        for (var i = lid; i < apart; i += 256u) {
            if is_before(keys[i + apart], keys[i]) {
                keys[i] = keys[i + apart];
            }
        }
        workgroupBarrier();
    }
//@end
//@if many
    // A bitonic sort: runs of `run` in turns up and down, merged until one is left.
    for (var run = 2u; run <= 1024u; run *= 2u) {
        for (var apart = run / 2u; apart > 0u; apart /= 2u) {
            for (var i = lid; i < 512u; i += 256u) {
                let low = i / apart * apart * 2u + i % apart;
                let high = low + apart;
                let a = keys[low];
                let b = keys[high];
                if is_before(b, a) == ((low & run) == 0u) {
                    keys[low] = b;
                    keys[high] = a;
                }
            }
            workgroupBarrier();
        }
    }
//@end
    for (var i = lid; i < p.kept; i += 256u) {
        to_pairs[to + i] = keys[i];
    }
}

// Four values a thread, eight threads a block of 32: its codes, scale and sums, as `quant::activations` defines them.
// Every thread of the workgroup calls it; `word` is the index of the four values in `qa`.
var<workgroup> q_max: array<u32, {{wg}}>;
var<workgroup> q_sum: array<i32, {{wg}}>;

fn quantise4(v: vec4<f32>, lid: u32, word: u32, live: bool) {
    let bits = bitcast<vec4<u32>>(v) & vec4<u32>(0x7fffffffu);
    q_max[lid] = max(max(bits.x, bits.y), max(bits.z, bits.w));
    workgroupBarrier();
    let first = lid / 8u * 8u;
    var amax = 0u;
    for (var i = 0u; i < 8u; i++) {
        amax = max(amax, q_max[first + i]);
    }
    let largest = bitcast<f32>(amax);
    let poisoned = amax >= 0x7f800000u;
    let zero = poisoned || largest < 3.7323e-37;
    let inverse = select(127.0 / largest, 0.0, zero);
    let q = select(vec4<i32>(round(v * inverse)), vec4<i32>(0), zero);
    q_sum[lid] = q.x + q.y + q.z + q.w;
    workgroupBarrier();
    if live {
        qa[word] = pack4xI8(q);
        if lid == first {
            let low = q_sum[lid] + q_sum[lid + 1u] + q_sum[lid + 2u] + q_sum[lid + 3u];
            let high = q_sum[lid + 4u] + q_sum[lid + 5u] + q_sum[lid + 6u] + q_sum[lid + 7u];
            var scale = select(bitcast<u32>(largest / 127.0), 0u, zero);
            scale = select(scale, amax | 0x7fc00000u, poisoned);
            qs[word / 8u] = vec2<u32>(scale, (u32(low) & 0xffffu) | (u32(high) << 16u));
        }
    }
}

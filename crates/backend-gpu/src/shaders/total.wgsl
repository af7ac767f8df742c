var<workgroup> lanes: array<f32, {{wg}}>;

// The sum of all threads' values, by one tree.
fn total(value: f32, lid: u32) -> f32 {
    lanes[lid] = value;
    workgroupBarrier();
    for (var half = {{wg}}u / 2u; half > 0u; half /= 2u) {
        if lid < half {
            lanes[lid] += lanes[lid + half];
        }
        workgroupBarrier();
    }
    let sum = lanes[0];
    workgroupBarrier();
    return sum;
}

// Four elements of `{{from}}`, zeros behind the end.
fn {{from}}_at(at: u32, d: u32, dim: u32) -> vec4<f32> {
    let i = at + d;
    if d + 4u <= dim {
        return vec4<f32>({{from}}[i], {{from}}[i + 1u], {{from}}[i + 2u], {{from}}[i + 3u]);
    }
    var v = vec4<f32>(0.0);
    for (var e = 0u; e < 4u && d + e < dim; e++) {
        v[e] = {{from}}[i + e];
    }
    return v;
}


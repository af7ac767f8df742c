// Words of a head as the cache stores them, of values that `{{side}}_at` gives; see kv.wgsl.
//@if kv_q8
// The scale of 32 values, rounded to f16, and what multiplies a value; of poisoned values the scale is NaN.
fn {{side}}_block(from_: u32) -> vec2<f32> {
    var amax = 0u;
    for (var i = 0u; i < 32u; i++) {
        amax = max(amax, bitcast<u32>({{side}}_at(from_ + i)) & 0x7fffffffu);
    }
    let largest = bitcast<f32>(amax);
    let zero = amax >= 0x7f800000u || largest < 3.7323e-37;
    let scale = select(select(largest / 127.0, 0.0, zero), bitcast<f32>(amax | 0x7fc00000u), amax >= 0x7f800000u);
    return vec2<f32>(scale, select(127.0 / largest, 0.0, zero));
}
//@end

fn {{side}}_word(from_: u32, w: u32, dim: u32) -> u32 {
//@if kv_f32
    return bitcast<u32>({{side}}_at(from_ + w));
//@end
//@if kv_f16
    let i = from_ + 2u * w;
    let second = 2u * w + 1u < dim;
    return pack2x16float(vec2<f32>({{side}}_at(i), select(0.0, {{side}}_at(select(i, i + 1u, second)), second)));
//@end
//@if kv_q8
    let codes = dim / 4u;
    if w < codes {
        let inverse = {{side}}_block(from_ + w / 8u * 32u).y;
        let i = from_ + 4u * w;
        let x = vec4<f32>({{side}}_at(i), {{side}}_at(i + 1u), {{side}}_at(i + 2u), {{side}}_at(i + 3u));
        return pack4xI8(select(vec4<i32>(round(x * inverse)), vec4<i32>(0), inverse == 0.0));
    }
    let block = 2u * (w - codes);
    let second = block + 1u < dim / 32u;
    let low = {{side}}_block(from_ + block * 32u).x;
    let high = {{side}}_block(from_ + select(block, block + 1u, second) * 32u).x;
    return pack2x16float(vec2<f32>(low, select(0.0, high, second)));
//@end
}

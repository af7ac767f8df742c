// The exact dot of four int8 with four int8. Sums of a K-block stay below 2^20, so f32 holds them exactly, too.
//@if dp4a
alias Exact = i32;
fn dot4(a: u32, b: u32) -> i32 {
    return dot4I8Packed(a, b);
}
//@end
//@if no_dp4a
alias Exact = f32;
fn dot4(a: u32, b: u32) -> f32 {
    return dot(vec4<f32>(unpack4xI8(a)), vec4<f32>(unpack4xI8(b)));
}
//@end

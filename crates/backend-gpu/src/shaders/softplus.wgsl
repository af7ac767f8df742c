// The polynomial of the reference's `softplus`: `log` is the driver's, and differs.
fn softplus(x: f32) -> f32 {
    let u = exp_(-abs(x));
    let s = u / (2.0 + u);
    let square = s * s;
    var y = 7.692308e-2;
    y = fma(y, square, 9.090909e-2);
    y = fma(y, square, 1.1111111e-1);
    y = fma(y, square, 1.4285715e-1);
    y = fma(y, square, 0.2);
    y = fma(y, square, 3.3333334e-1);
    let twice = s + s;
    return positive(x) + fma(twice * square, y, twice);
}

// Adds a K-block to `acc{{c}}`: its exact dots of both halves, times what they are multiplied by. One text for all matmuls,
// so that all round alike.
            let scale_a = bitcast<f32>(of_block.x);
            let sum0 = bitcast<i32>(of_block.y << 16u) >> 16u;
            let sum1 = bitcast<i32>(of_block.y) >> 16u;
//@if offset
            dot0 -= Exact({{offset}}) * Exact(sum0);
            dot1 -= Exact({{offset}}) * Exact(sum1);
//@end
//@if halves
            var part = fma(f32(dot1), scale1, f32(dot0) * scale0);
//@if min
            part = fma(-min0, f32(sum0), part);
            part = fma(-min1, f32(sum1), part);
//@end
            acc{{c}} = fma(part, scale_a, acc{{c}});
//@end
//@if whole
            acc{{c}} = fma(f32(dot0 + dot1), scale * scale_a, acc{{c}});
//@if min
            acc{{c}} = fma({{min_sign}}min, scale_a * f32(sum0 + sum1), acc{{c}});
//@end
//@end

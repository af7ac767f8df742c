//@if bits_f32
            let v = bitcast<vec4<f32>>(w[w_at + ((panel * blocks + b) * 8u + g) * 16u + r]);
//@end
//@if bits_f16
            let packed = w[w_at + ((panel * blocks + b) * 4u + g / 2u) * 16u + r];
            let pair = select(packed.xy, packed.zw, g % 2u == 1u);
            let v = vec4<f32>(unpack2x16float(pair.x), unpack2x16float(pair.y));
//@end
//@if bits_bf16
            let packed = w[w_at + ((panel * blocks + b) * 4u + g / 2u) * 16u + r];
            let pair = select(packed.xy, packed.zw, g % 2u == 1u);
            let v = bitcast<vec4<f32>>(vec4<u32>(pair.x << 16u, pair.x & 0xffff0000u, pair.y << 16u, pair.y & 0xffff0000u));
//@end

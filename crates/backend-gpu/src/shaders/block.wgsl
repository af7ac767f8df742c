// One K-block of 32 weights of row `r` of a panel: codes `k0`..`k7`, four to a word, and what they are multiplied by.
// See `weights` for the layout of panels.
//@if bits8
        let low = w[w_at + (panel * blocks + b) * 32u + r];
        let high = w[w_at + (panel * blocks + b) * 32u + 16u + r];
        let k0 = low.x;
        let k1 = low.y;
        let k2 = low.z;
        let k3 = low.w;
        let k4 = high.x;
        let k5 = high.y;
        let k6 = high.z;
        let k7 = high.w;
//@end
//@if nibbles
        let nibbles = w[w_at + (panel * blocks + b) * 16u + r];
//@if computed
        let n0 = nibbles.x & 0x0f0f0f0fu;
        let n1 = nibbles.y & 0x0f0f0f0fu;
        let n2 = nibbles.z & 0x0f0f0f0fu;
        let n3 = nibbles.w & 0x0f0f0f0fu;
        let n4 = (nibbles.x >> 4u) & 0x0f0f0f0fu;
        let n5 = (nibbles.y >> 4u) & 0x0f0f0f0fu;
        let n6 = (nibbles.z >> 4u) & 0x0f0f0f0fu;
        let n7 = (nibbles.w >> 4u) & 0x0f0f0f0fu;
//@end
//@end
//@if bits4
//@if computed
//@for g in 0 1 2 3 4 5 6 7
        let k{{g}} = n{{g}};
//@end
//@end
//@if looked_up
        let both0 = nibbles.x;
        let both1 = nibbles.y;
        let both2 = nibbles.z;
        let both3 = nibbles.w;
//@end
//@end
//@if bits5
        let extra = words[x_at + (panel * blocks + b) * 16u + r];
//@for g in 0 1 2 3 4 5 6 7
        let k{{g}} = n{{g}} | (((extra >> {{g}}u) & 0x01010101u) << 4u);
//@end
//@end
//@if pairs
        let pairs0 = words[x_at + (panel * blocks + b) * {{extra_len}}u + r];
        let pairs1 = words[x_at + (panel * blocks + b) * {{extra_len}}u + 16u + r];
//@for g in 0 1 2 3
        let t{{g}} = (pairs0 >> (2u * {{g}}u)) & 0x03030303u;
//@end
//@for g in 4 5 6 7
        let t{{g}} = (pairs1 >> (2u * {{g}}u - 8u)) & 0x03030303u;
//@end
//@end
//@if bits6
//@for g in 0 1 2 3 4 5 6 7
        let k{{g}} = n{{g}} | (t{{g}} << 4u);
//@end
//@end
//@if bits3
        let extra = words[x_at + (panel * blocks + b) * 48u + 32u + r];
//@for g in 0 1 2 3 4 5 6 7
        let n{{g}} = t{{g}} | (((extra >> {{g}}u) & 0x01010101u) << 2u);
//@end
//@if computed
//@for g in 0 1 2 3 4 5 6 7
        let k{{g}} = n{{g}};
//@end
//@end
//@if looked_up
        let both0 = n0 | (n4 << 4u);
        let both1 = n1 | (n5 << 4u);
        let both2 = n2 | (n6 << 4u);
        let both3 = n3 | (n7 << 4u);
//@end
//@end
//@if looked_up
//@for g in 0 1 2 3
        let first{{g}} = levels[both{{g}} & 0xffu] | (levels[(both{{g}} >> 8u) & 0xffu] << 8u);
        let second{{g}} = levels[(both{{g}} >> 16u) & 0xffu] | (levels[both{{g}} >> 24u] << 8u);
        let k{{g}} = (first{{g}} & 0xffffu) | (second{{g}} << 16u);
//@end
        let k4 = (first0 >> 16u) | (second0 & 0xffff0000u);
        let k5 = (first1 >> 16u) | (second1 & 0xffff0000u);
        let k6 = (first2 >> 16u) | (second2 & 0xffff0000u);
        let k7 = (first3 >> 16u) | (second3 & 0xffff0000u);
//@end
//@if bits2
//@for g in 0 1 2 3 4 5 6 7
        let k{{g}} = t{{g}};
//@end
//@end
//@if scale_f16
        let scale = unpack2x16float(words[s_at + (panel * blocks + b) * 8u + r / 2u])[r % 2u];
//@end
//@if scale_f16_min
        let pair = unpack2x16float(words[s_at + (panel * blocks + b) * 16u + r]);
        let scale = pair.x;
        let min = pair.y;
//@end
//@if scale_f16_halves
        let pair = unpack2x16float(words[s_at + (panel * blocks + b) * 16u + r]);
        let scale0 = pair.x;
        let scale1 = pair.y;
//@end
//@if scale_exponent
        let exponent = (words[s_at + (panel * blocks + b) * 4u + r / 4u] >> (8u * (r % 4u))) & 0xffu;
        // Below 2 the number is denormal: a bit of the mantissa.
        let scale = bitcast<f32>(select((exponent - 1u) << 23u, 1u << (21u + exponent % 2u), exponent < 2u));
//@end
//@if scale_super
        let super_at = s_at + (panel * (blocks / 8u) + b / 8u) * 48u + r;
        let sub = unpack4xI8(words[super_at + (1u + b % 8u / 4u) * 16u] >> (8u * (b % 4u))).x;
        let scale = bitcast<f32>(words[super_at]) * f32(sub);
//@end
//@if scale_super_min
        let super_at = s_at + (panel * (blocks / 8u) + b / 8u) * 80u + r;
        let supers = unpack2x16float(words[super_at]);
        let subs = words[super_at + (1u + b % 8u / 2u) * 16u] >> (16u * (b % 2u));
        let scale = supers.x * f32(subs & 0xffu);
        let min = supers.y * f32((subs >> 8u) & 0xffu);
//@end
//@if scale_super_halves
        let super_at = s_at + (panel * (blocks / 8u) + b / 8u) * 80u + r;
        let scale_of_all = bitcast<f32>(words[super_at]);
        let subs = unpack4xI8(words[super_at + (1u + b % 8u / 2u) * 16u] >> (16u * (b % 2u)));
        let scale0 = scale_of_all * f32(subs.x);
        let scale1 = scale_of_all * f32(subs.y);
//@end
//@if scale_super_min_halves
        let super_at = s_at + (panel * (blocks / 8u) + b / 8u) * 80u + r;
        let supers = unpack2x16float(words[super_at]);
        let subs = words[super_at + (1u + b % 8u / 2u) * 16u] >> (16u * (b % 2u));
        let scale0 = supers.x * f32(subs & 0xfu);
        let min0 = supers.y * f32((subs >> 4u) & 0xfu);
        let scale1 = supers.x * f32((subs >> 8u) & 0xfu);
        let min1 = supers.y * f32((subs >> 12u) & 0xfu);
//@end

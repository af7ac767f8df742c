// A finished row of one head, in `{{finished}}`, to int8.
            workgroupBarrier();
            for (var base = 0u; base < p.value_dim; base += 256u) {
                let i = base + lid * 4u;
                let live = i < p.value_dim;
                let from_ = select(0u, i, live);
                let v = vec4<f32>({{finished}}[from_], {{finished}}[from_ + 1u], {{finished}}[from_ + 2u], {{finished}}[from_ + 3u]);
                quantise4(v, lid, (out_at + i) / 4u, live);
            }

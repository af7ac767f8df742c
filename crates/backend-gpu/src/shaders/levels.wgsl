// What codes of four bits stand for, of each two: that of the low four bits in the first byte, of the high four in the third.
var<workgroup> levels: array<u32, 256>;

fn level(code: u32) -> u32 {
    var table = vec4<u32>({{level0}}u, {{level1}}u, {{level2}}u, {{level3}}u);
    return (table[code / 4u] >> (8u * (code % 4u))) & 0xffu;
}

fn fill_levels(lid: u32) {
    for (var i = lid; i < 256u; i += {{wg}}u) {
        levels[i] = level(i % 16u) | (level(i / 16u) << 16u);
    }
    workgroupBarrier();
}

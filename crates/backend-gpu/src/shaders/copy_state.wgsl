// Copies a part of one state to that of another: threads go round over its words.
@group(0) @binding(0) var<storage, read_write> states: array<u32>;
struct P { source: u32, destination: u32, words: u32 }
var<immediate> p: P;

@compute @workgroup_size({{wg}})
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lid: u32,
) {
    for (var i = group.x * {{wg}}u + lid; i < p.words; i += groups.x * {{wg}}u) {
        states[p.destination + i] = states[p.source + i];
    }
}

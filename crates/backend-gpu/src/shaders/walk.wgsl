// A sequence's rows in this step and where its state is, six words of a list: its first row, the row behind its last one,
// 1 if it begins here and so from zeros, the slot of its state, and the stretch of the list that has its snapshots.
// A snapshot is two words: the row after which it is taken, and the slot that it goes to.
struct Walk { first: u32, end: u32, is_new: bool, slot: u32, saves: u32, saves_end: u32 }

fn walk_of(sequence: u32) -> Walk {
    let at = p.walks + sequence * 6u;
    return Walk(lists[at], lists[at + 1u], lists[at + 2u] != 0u, lists[at + 3u], lists[at + 4u], lists[at + 5u]);
}

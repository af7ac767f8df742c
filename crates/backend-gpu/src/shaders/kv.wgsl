// How K and V of one head of one slot lie in memory, by storage type:
//   f32   [head_dim]
//   f16   [head_dim / 2, rounded up] pairs, the low half first; the pad is zero
//   q8_0  [head_dim / 4] words of four codes, then the f16 scales of each 32, two to a word
fn head_words(head_dim: u32) -> u32 {
//@if kv_f32
    return head_dim;
//@end
//@if kv_f16
    return (head_dim + 1u) / 2u;
//@end
//@if kv_q8
    return head_dim / 4u + (head_dim / 32u + 1u) / 2u;
//@end
}

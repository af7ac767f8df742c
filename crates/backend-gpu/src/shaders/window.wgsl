// The first position that a row sees.
fn first_position(position: u32) -> u32 {
    if p.window_kind == 1u {
        return select(0u, position + 1u - p.window, position + 1u > p.window);
    }
    if p.window_kind == 2u {
        return position / p.window * p.window;
    }
    return 0u;
}

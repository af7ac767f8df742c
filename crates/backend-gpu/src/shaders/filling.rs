//! What each variant fills into its text.

use gollum_quant::K_BLOCK;

use super::text::Filling;
use super::{ATTEND_DIMS, BLOCK_ROWS, KvKind, MatrixUnit, Memory, UNIT_ROWS, WORKGROUP, attend_slots};
use crate::weights::{Codes, Layout, Levels, PANEL, Scale};

/// The flag of a kind of K and V.
pub(super) fn kv_flag(kv: KvKind) -> &'static str {
    match kv {
        KvKind::F32 => "kv_f32",
        KvKind::F16 => "kv_f16",
        KvKind::Q8 => "kv_q8",
    }
}

impl Filling {
    pub(super) fn attend(&mut self, kv: KvKind, dims: usize, wide: bool) -> &'static str {
        let slots = attend_slots(dims);
        self.flags.push(kv_flag(kv));
        self.set("dims", &dims);
        self.set("slots", &slots);
        self.set("elements", &(if slots == 4 { "x y z w" } else { "x y" }));
        self.set("numbers", &(if slots == 4 { "0u, 1u, 2u, 3u" } else { "0u, 1u" }));
        self.set("query_len", &(dims * if wide { 128 } else { 64 }));
        self.set("value_len", &(dims * 64));
        self.set("finished", &"output");
        "attend"
    }

    pub(super) fn join(&mut self) -> &'static str {
        self.set("max_dim", &(ATTEND_DIMS[ATTEND_DIMS.len() - 1] * 64));
        self.set("finished", &"output");
        "join"
    }

    /// Over pages of a kind, or over whole inputs.
    pub(super) fn block(&mut self, pages: Option<KvKind>, lanes: usize) -> &'static str {
        match pages {
            Some(kv) => self.flags.extend(["paged", kv_flag(kv)]),
            None => self.flags.push("whole"),
        }
        self.set("lanes", &lanes);
        // Rows of an output by four elements a lane, over 64 threads.
        self.set("thread_rows", &(BLOCK_ROWS * lanes / WORKGROUP));
        "attend_block"
    }

    pub(super) fn memory(&mut self, of: Memory, cells: usize) -> &'static str {
        self.flags.extend([of.flag(), if cells == 0 { "in_place" } else { "registers" }]);
        self.set("cells", &cells);
        self.set("quads", &(cells / 4));
        "memory"
    }

    pub(super) fn matmul(&mut self, layout: Layout, cols: usize, dp4a: bool, ragged: bool) -> &'static str {
        self.layout(layout);
        self.set("cols", &cols);
        self.set("sums_len", &(cols * 256));
        self.flags.push(if dp4a { "dp4a" } else { "no_dp4a" });
        self.flags.push(if ragged { "ragged" } else { "even" });
        "matmul"
    }

    pub(super) fn unit_matmul(&mut self, layout: Layout, unit: MatrixUnit) -> &'static str {
        self.layout(layout);
        // Dots come out of the unit as f32, which holds them exactly.
        self.flags.extend(["no_dp4a", if unit == MatrixUnit::Emulated { "emulated" } else { "units" }]);
        let (tile, parts) = (unit.tile(), if layout.has_halves() { 2 } else { 1 });
        let part_len = K_BLOCK / parts;
        self.set("tile", &tile);
        self.set("tile_len", &(tile * tile));
        self.set("row_len", &(tile * K_BLOCK));
        self.set("side", &(PANEL / tile));
        self.set("steps", &(K_BLOCK / tile));
        self.set("parts", &parts);
        self.set("part_len", &part_len);
        self.set("part_steps", &(part_len / tile));
        self.set("dots_len", &(parts * UNIT_ROWS * PANEL));
        self.set("outputs", &8);
        "unit_matmul"
    }

    pub(super) fn layout(&mut self, layout: Layout) {
        self.flags.extend_from_slice(match layout.codes {
            Codes::F32 => &["bits_f32"],
            Codes::F16 => &["bits_f16"],
            Codes::Bf16 => &["bits_bf16"],
            Codes::Bits8 => &["bits8"],
            Codes::Bits4 => &["nibbles", "bits4"],
            Codes::Bits5 => &["nibbles", "bits5"],
            Codes::Bits6 => &["nibbles", "pairs", "bits6"],
            Codes::Bits3 => &["pairs", "bits3"],
            Codes::Bits2 => &["pairs", "bits2"],
        });
        self.flags.extend_from_slice(match layout.scale {
            Scale::None => &[],
            Scale::F16 => &["scale_f16"],
            Scale::F16Min => &["scale_f16_min"],
            Scale::F16Halves => &["scale_f16_halves"],
            Scale::Exponent => &["scale_exponent"],
            Scale::Super => &["scale_super"],
            Scale::SuperMin => &["scale_super_min"],
            Scale::SuperHalves => &["scale_super_halves"],
            Scale::SuperMinHalves => &["scale_super_min_halves"],
        });
        self.flags.push(if layout.is_int() { "int" } else { "float" });
        self.flags.push(if layout.has_halves() { "halves" } else { "whole" });
        self.set("extra_len", &(layout.extra_words() * PANEL));
        let offset = if let Levels::Less(offset) = layout.levels { offset } else { 0 };
        if offset > 0 {
            self.flags.push("offset");
        }
        self.set("offset", &offset);
        self.flags.push(if layout.levels.table().is_some() { "looked_up" } else { "computed" });
        for (i, four) in layout.levels.table().iter().flat_map(|table| table.as_chunks().0).enumerate() {
            self.set(&format!("level{i}"), &u32::from_le_bytes(four.map(|level| level as u8)));
        }
        if let Some(sign) = layout.min_sign() {
            self.flags.push("min");
            self.set("min_sign", &sign);
            self.set("min_sign_assign", &(if sign == "-" { "-=" } else { "+=" }));
        }
    }
}

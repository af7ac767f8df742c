//! Takes a valid file apart into its fields, by a walk of its own: where to cut, what to overwrite.

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Magic,
    Version,
    /// A count of entries, a length of a string or array: u64.
    Count,
    /// Length of a string inside an array: u64.
    ElementLength,
    DimCount,
    Dim,
    Type,
    DataOffset,
    Payload,
}

/// One field of a file.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub offset: usize,
    pub width: usize,
    pub kind: Kind,
}

struct Walk<'a> {
    file: &'a [u8],
    offset: usize,
    slots: Vec<Slot>,
}

impl Walk<'_> {
    fn skip(&mut self, width: usize, kind: Kind) {
        self.slots.push(Slot { offset: self.offset, width, kind });
        self.offset += width;
    }

    fn u32(&mut self, kind: Kind) -> u32 {
        let value = u32::from_le_bytes(self.file[self.offset..self.offset + 4].try_into().unwrap());
        self.skip(4, kind);
        value
    }

    fn u64(&mut self, kind: Kind) -> u64 {
        let value = u64::from_le_bytes(self.file[self.offset..self.offset + 8].try_into().unwrap());
        self.skip(8, kind);
        value
    }

    fn string(&mut self, kind: Kind) {
        let length = self.u64(kind) as usize;
        self.skip(length, Kind::Payload);
    }

    fn value(&mut self, value_type: u32) {
        const WIDTHS: [usize; 13] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
        match value_type {
            8 => self.string(Kind::Count),
            9 => {
                let element_type = self.u32(Kind::Type);
                let length = self.u64(Kind::Count) as usize;
                if element_type == 8 {
                    (0..length).for_each(|_| self.string(Kind::ElementLength));
                } else {
                    self.skip(length * WIDTHS[element_type as usize], Kind::Payload);
                }
            }
            scalar => self.skip(WIDTHS[scalar as usize], Kind::Payload),
        }
    }
}

/// The fields of a valid file up to its tensor data, in order, without gaps.
pub fn slots(file: &[u8]) -> Vec<Slot> {
    let mut walk = Walk { file, offset: 0, slots: Vec::new() };
    walk.skip(4, Kind::Magic);
    walk.u32(Kind::Version);
    let tensor_count = walk.u64(Kind::Count);
    let kv_count = walk.u64(Kind::Count);
    for _ in 0..kv_count {
        walk.string(Kind::Count);
        let value_type = walk.u32(Kind::Type);
        walk.value(value_type);
    }
    for _ in 0..tensor_count {
        walk.string(Kind::Count);
        let dims = walk.u32(Kind::DimCount);
        for _ in 0..dims {
            walk.u64(Kind::Dim);
        }
        walk.u32(Kind::Type);
        walk.u64(Kind::DataOffset);
    }
    walk.slots
}

/// End of the last field.
pub fn header_len(slots: &[Slot]) -> usize {
    slots.last().map_or(0, |slot| slot.offset + slot.width)
}

/// Repeatable random numbers (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// A number from 0 up to, but not with, `limit`; 0 if that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % (limit as u64).max(1)) as usize
    }
}

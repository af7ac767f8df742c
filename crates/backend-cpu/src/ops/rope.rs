//! Rotation angles of the step's rows, computed once per step and kind of rope, not once per layer.

use gollum_kernels::reference::rows::rope_angles;
use gollum_kernels::{BufId, Rope};

use super::{CpuOps, Ptr};
use crate::kernels::rows::RopeRow;
use crate::memory::HugeArray;

/// Angles of one kind of rope for the step's rows.
struct Table {
    rope: Rope,
    /// False when the step has changed since the table was filled.
    valid: bool,
    /// `[rows][pairs]` each.
    cos: HugeArray<f32>,
    sin: HugeArray<f32>,
}

/// One table per kind of rope in the model: one or two.
#[derive(Default)]
pub(super) struct RopeTables {
    tables: Vec<Table>,
}

/// A filled table, to be read by tasks.
#[derive(Clone, Copy)]
pub(super) struct Angles {
    pub cos: Ptr<f32>,
    pub sin: Ptr<f32>,
    pub pairs: usize,
}

impl RopeTables {
    pub fn start_step(&mut self) {
        self.tables.iter_mut().for_each(|t| t.valid = false);
    }

    /// The table of `rope`, which may need filling.
    fn table(&mut self, rope: &Rope) -> &mut Table {
        let found = self.tables.iter().position(|t| t.rope == *rope);
        let at = found.unwrap_or_else(|| {
            let (cos, sin) = (HugeArray::default(), HugeArray::default());
            self.tables.push(Table { rope: *rope, valid: false, cos, sin });
            self.tables.len() - 1
        });
        &mut self.tables[at]
    }
}

impl CpuOps {
    /// The step's angles of one kind of rope.
    pub(super) fn angles(&mut self, rope: &Rope) -> Angles {
        let pairs = rope.dims / 2;
        let rows = self.batch.num_tokens();
        let table = self.ropes.table(rope);
        // Within a step the size stays, so a filled table does not move.
        table.cos.fit(rows * pairs);
        table.sin.fit(rows * pairs);
        let (cos, sin) = (Ptr(table.cos.as_mut_ptr()), Ptr(table.sin.as_mut_ptr()));
        if !std::mem::replace(&mut table.valid, true) {
            let factors = rope.factors.map(|f| &*self.vectors[f.0]);
            let positions = &self.batch.positions;
            self.pool.for_each(rows, &|row| {
                let mut angles = vec![(0.0, 0.0); pairs];
                rope_angles(positions[row], rope, factors, &mut angles);
                for (i, (c, s)) in angles.into_iter().enumerate() {
                    // SAFETY: each task has a row of its own.
                    unsafe {
                        *cos.at(row * pairs + i) = c;
                        *sin.at(row * pairs + i) = s;
                    }
                }
            });
        }
        Angles { cos, sin, pairs }
    }

    pub(super) fn rotate(&mut self, x: BufId, (heads, head_dim): (usize, usize), rope: &Rope, rows: usize) {
        let angles = self.angles(rope);
        let (x, isa, kind) = (self.ptr(x, rows, heads * head_dim), self.isa, rope.kind);
        self.for_rows(rows, heads * head_dim, &|row| {
            isa.run(angles.row(row, x.at(row * heads * head_dim), (heads, head_dim), kind));
        });
    }
}

impl Angles {
    /// The kernel that rotates row `row`, which starts at `x`.
    pub fn row(
        self,
        row: usize,
        x: *mut f32,
        shape: (usize, usize),
        kind: gollum_kernels::RopeKind,
    ) -> RopeRow {
        let (cos, sin) = (self.cos.at(row * self.pairs), self.sin.at(row * self.pairs));
        RopeRow { x, heads: shape.0, head_dim: shape.1, kind, cos, sin, pairs: self.pairs }
    }
}

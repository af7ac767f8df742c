//! Experts whose weights stay in a mapped file, for models that are larger than memory.
//!
//! ```text
//! file     expert 0  expert 1  expert 2  ...  expert 127        mapped, as the file has them
//! slots    [ 17 ]  [ 3 ]  [ 99 ]  ..                            packed: those chosen last
//! ```
//! Each matrix has slots for a part of its experts. Before a step multiplies, the chosen experts that have none are packed
//! into the slots that were chosen longest ago. A step that chose more experts than there are slots goes in waves, those
//! that are there first. A slot holds what a matrix that is loaded whole would, so this changes no bit.

#![allow(unsafe_code)]

use gollum_kernels::{ExpertSource, ExpertsId, KernelError};

use super::experts::Group;
use super::{CpuOps, Ptr};
use crate::pack::{self, PackedMatrix};
use crate::simd::LANES;

/// The matrices of all experts.
pub(super) struct ExpertMatrix {
    /// Of all experts, or of those in slots.
    pub packed: PackedMatrix,
    mapped: Option<Mapped>,
}

struct Mapped {
    source: ExpertSource,
    slots: Slots,
}

/// Who is in which slot.
struct Slots {
    slot_of: Vec<Option<usize>>,
    slots: Vec<Slot>,
    turn: u64,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    expert: Option<usize>,
    /// When it was chosen last.
    turn: u64,
}

impl Slots {
    fn new(experts: usize, slots: usize) -> Self {
        Self { slot_of: vec![None; experts], slots: vec![Slot::default(); slots], turn: 0 }
    }

    /// Gives each of `experts`, of which there are no more than slots, a slot; returns those that are to be packed, and
    /// where.
    fn claim(&mut self, experts: impl Iterator<Item = usize> + Clone) -> Vec<(usize, usize)> {
        self.turn += 1;
        for slot in experts.clone().filter_map(|expert| self.slot_of[expert]) {
            self.slots[slot].turn = self.turn;
        }
        let mut claimed = Vec::new();
        for expert in experts {
            if self.slot_of[expert].is_some() {
                continue;
            }
            let oldest = (0..self.slots.len()).min_by_key(|&slot| self.slots[slot].turn);
            let slot = oldest.expect("there is a slot");
            assert!(self.slots[slot].turn < self.turn, "no more experts than slots at once");
            if let Some(before) = self.slots[slot].expert {
                self.slot_of[before] = None;
            }
            self.slots[slot] = Slot { expert: Some(expert), turn: self.turn };
            self.slot_of[expert] = Some(slot);
            claimed.push((expert, slot));
        }
        claimed
    }
}

impl ExpertMatrix {
    pub fn whole(packed: PackedMatrix) -> Self {
        Self { packed, mapped: None }
    }

    /// Experts, wherever they are.
    pub fn experts(&self) -> usize {
        self.mapped.as_ref().map_or(self.packed.count(), |mapped| mapped.source.experts)
    }

    /// Where an expert's panels begin. Of experts in a file: once they are brought.
    pub fn first_panel(&self, expert: usize) -> usize {
        let at = match &self.mapped {
            Some(mapped) => mapped.slots.slot_of[expert].expect("brought before it is used"),
            None => expert,
        };
        at * self.packed.panels()
    }

    fn is_here(&self, expert: usize) -> bool {
        self.mapped.as_ref().is_none_or(|mapped| mapped.slots.slot_of[expert].is_some())
    }
}

impl CpuOps {
    /// From now on [`map_experts`](gollum_kernels::KernelOps::map_experts) keeps room for this part of the experts of a
    /// matrix, at least one, and leaves the rest where they are. Less than what a token chooses cuts every decode in waves.
    pub fn keep_experts_mapped(&mut self, share: f64) {
        self.expert_share = Some(share.clamp(0.0, 1.0));
    }

    pub(super) fn map_matrix(
        &mut self,
        source: &ExpertSource,
        share: f64,
    ) -> Result<ExpertMatrix, KernelError> {
        let experts = source.experts;
        let slots = ((experts as f64 * share) as usize).clamp(1, experts.max(1));
        let row_bytes = source.format.format().row_bytes(source.cols).filter(|&b| b > 0);
        let expert_bytes = row_bytes.and_then(|b| b.checked_mul(source.rows)).filter(|_| experts > 0);
        let fits = |bytes: usize| (0..experts).all(|expert| source.weights.bytes(expert).len() == bytes);
        if !expert_bytes.is_some_and(fits) {
            let (format, rows, cols, bytes) = (source.format, source.rows, source.cols, source.len());
            return Err(KernelError::ExpertsSize { format, experts, rows, cols, bytes });
        }
        let packed =
            PackedMatrix::reserve(&mut self.arena, (source.format, source.rows, source.cols), slots)?;
        let mapped = Mapped { source: source.clone(), slots: Slots::new(experts, slots) };
        Ok(ExpertMatrix { packed, mapped: Some(mapped) })
    }

    /// Cuts the groups of a step into waves whose experts have slots in all of `matrices` at once.
    pub(super) fn waves(&self, matrices: &[ExpertsId], groups: &[Group]) -> Vec<Vec<Group>> {
        let mapped = || matrices.iter().map(|id| &self.experts[id.0]).filter(|m| m.mapped.is_some());
        let Some(slots) = mapped().map(|m| m.packed.count()).min() else { return vec![groups.to_vec()] };
        let mut groups = groups.to_vec();
        // Before others take their slots.
        groups.sort_by_key(|group| mapped().any(|m| !m.is_here(group.expert)));
        groups.chunks(slots).map(<[Group]>::to_vec).collect()
    }

    /// Packs the experts of a wave that have no slot.
    pub(super) fn bring(&mut self, id: ExpertsId, wave: &[Group]) {
        let ExpertMatrix { packed, mapped: Some(mapped) } = &mut self.experts[id.0] else { return };
        let claimed = mapped.slots.claim(wave.iter().map(|group| group.expert));
        let (panels, panel_bytes, rows) = (packed.panels(), packed.panel_bytes, packed.rows);
        let (format, weights) = (packed.format, &mapped.source.weights);
        let target = Ptr(packed.panels_mut().as_mut_ptr());
        self.pool.for_each(claimed.len() * panels, &|task| {
            let ((expert, slot), first) = (claimed[task / panels], task % panels * LANES);
            let bytes = weights.bytes(expert);
            let row_bytes = bytes.len() / rows;
            let of_panel = &bytes[first * row_bytes..rows.min(first + LANES) * row_bytes];
            let at = (slot * panels + task % panels) * panel_bytes;
            // SAFETY: each task has a panel of its own, of a slot that exists.
            let dst = unsafe { std::slice::from_raw_parts_mut(target.at(at), panel_bytes) };
            dst.fill(0);
            pack::pack_panel(format, row_bytes, of_panel, dst);
        });
        claimed.iter().for_each(|&(expert, _)| weights.release(expert));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_go_to_those_chosen_last() {
        let mut slots = Slots::new(6, 3);
        assert_eq!(slots.claim([4, 1].into_iter()), [(4, 0), (1, 1)]);
        assert_eq!(slots.claim([1, 2].into_iter()), [(2, 2)]);
        assert_eq!(slots.claim([0, 1].into_iter()), [(0, 0)], "4 was chosen longest ago");
        assert_eq!(slots.slot_of, [Some(0), Some(1), Some(2), None, None, None]);
        assert_eq!(slots.claim([3, 4, 1].into_iter()), [(3, 2), (4, 0)]);
        assert_eq!(slots.slot_of, [None, Some(1), None, Some(2), Some(0), None]);
    }
}

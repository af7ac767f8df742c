//! A constraint without a grammar: what it allows depends on a seed and on the tokens so far.

use gollum_core::{Constraint, ConstraintError, TokenConstraint, TokenId, TokenMask};

use super::VOCAB;
use super::sim::Rng;

/// About half of the masks allow one token, so that runs of forced ones are common.
#[derive(Clone)]
pub struct Script {
    seed: u64,
}

impl Script {
    pub fn constraint(seed: u64) -> Constraint {
        Constraint::new(seed.to_le_bytes().as_slice().into(), move || Box::new(Self { seed }))
    }
}

impl TokenConstraint for Script {
    fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
        let mut rng = Rng(self.seed);
        let mut mask = vec![0; VOCAB.div_ceil(32)];
        let allowed = if rng.one_in(2) { 1 } else { rng.size(2, VOCAB) };
        for token in rng.tokens(allowed) {
            mask[token as usize / 32] |= 1 << (token % 32);
        }
        Ok(mask)
    }

    fn accept(&mut self, token: TokenId) -> Result<(), ConstraintError> {
        let mask = self.mask()?;
        if mask[token as usize / 32] >> (token % 32) & 1 == 0 {
            return Err(ConstraintError(format!("{token} is not allowed").into()));
        }
        self.seed = Rng(self.seed ^ u64::from(token) << 7).next();
        Ok(())
    }
}

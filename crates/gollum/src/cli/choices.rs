//! What flags take that name one of a few.

use clap::ValueEnum;
use gollum_core::{KvDtype, Pooling};

/// `--kv-cache-dtype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KvChoice {
    /// 4 bytes a value.
    F32,
    /// 2 bytes a value.
    F16,
    /// 8.5 bits a value.
    #[value(name = "q8_0")]
    Q8_0,
}

impl From<KvChoice> for KvDtype {
    fn from(choice: KvChoice) -> Self {
        match choice {
            KvChoice::F32 => KvDtype::F32,
            KvChoice::F16 => KvDtype::F16,
            KvChoice::Q8_0 => KvDtype::Q8_0,
        }
    }
}

/// `--pooling`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PoolingChoice {
    /// Rows as they are.
    None,
    /// The mean of all rows.
    Mean,
    /// The first row.
    Cls,
    /// The last row.
    Last,
    /// Scores of the file's classifier.
    Rank,
}

impl From<PoolingChoice> for Pooling {
    fn from(choice: PoolingChoice) -> Self {
        match choice {
            PoolingChoice::None => Pooling::None,
            PoolingChoice::Mean => Pooling::Mean,
            PoolingChoice::Cls => Pooling::Cls,
            PoolingChoice::Last => Pooling::Last,
            PoolingChoice::Rank => Pooling::Rank,
        }
    }
}

/// `--scheduling-policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyChoice {
    /// First come first served.
    Fcfs,
    /// Longest prefix match first.
    Lpm,
}

//! Where tensors lie: sizes, alignment, order, and nothing outside the file.
//!
//! ```text
//! header | pad | tensor 0 | pad | tensor 1 | pad | ... | last tensor | pad, may be absent |
//!              ^ data_start, aligned        ^ data_offset counts from data_start
//! ```
//! As in ggml, a tensor starts where the previous one ends, rounded up to the alignment. The infos may name
//! tensors in another order than the data has.

use crate::error::shown;
use crate::{GgmlType, GgufError, TensorInfo};

/// A tensor info whose size is checked and whose place is not.
pub(crate) struct RawTensor {
    pub(crate) name: String,
    pub(crate) dims: Vec<u64>,
    pub(crate) ggml_type: GgmlType,
    pub(crate) byte_len: u64,
    /// From the start of the tensor data.
    pub(crate) data_offset: u64,
}

/// Bytes of a tensor, `dims` in ggml order, all above zero.
pub(crate) fn tensor_bytes(name: &str, dims: &[u64], ggml_type: GgmlType) -> Result<u64, GgufError> {
    let layout = ggml_type.layout();
    let block_weights = layout.block_weights as u64;
    let row_weights = dims.first().copied().unwrap_or(0);
    if !row_weights.is_multiple_of(block_weights) {
        let type_name = layout.name;
        return Err(GgufError::PartialBlock { tensor: shown(name), row_weights, type_name, block_weights });
    }
    let blocks_per_row = row_weights / block_weights;
    let bytes = dims.iter().skip(1).try_fold(blocks_per_row, |blocks, &dim| blocks.checked_mul(dim));
    bytes
        .and_then(|blocks| blocks.checked_mul(layout.block_bytes as u64))
        // Readers count weights and bytes in isize and i64; both must fit.
        .filter(|&bytes| isize::try_from(bytes).is_ok() && weights_fit(dims))
        .ok_or_else(|| GgufError::SizeOverflow {
            tensor: shown(name),
            dims: dims.to_vec(),
            type_name: layout.name,
        })
}

/// True if the number of weights fits `isize`.
fn weights_fit(dims: &[u64]) -> bool {
    let weights = dims.iter().try_fold(1_u64, |product, &dim| product.checked_mul(dim));
    weights.is_some_and(|weights| isize::try_from(weights).is_ok())
}

/// `value` rounded up to a multiple of `alignment`.
pub(crate) fn align_up(value: u64, alignment: u32) -> Option<u64> {
    value.checked_next_multiple_of(u64::from(alignment))
}

/// Checks every tensor's place and name. Returns them in the order given.
pub(crate) fn place(
    raw: Vec<RawTensor>,
    header_bytes: u64,
    alignment: u32,
    file_len: u64,
) -> Result<Vec<TensorInfo>, GgufError> {
    // A file without tensors may end without the padding.
    let data_start = align_up(header_bytes, alignment).map_or(file_len, |start| start.min(file_len));
    let data_len = file_len - data_start;
    check_unique(&raw)?;
    let end = check_ranges(&raw, alignment, data_len)?;
    let extra = data_len - end;
    if extra >= u64::from(alignment) {
        return Err(GgufError::TrailingBytes { end: data_start + end, extra });
    }
    Ok(raw.into_iter().map(|tensor| TensorInfo::placed(tensor, data_start)).collect())
}

fn check_unique(raw: &[RawTensor]) -> Result<(), GgufError> {
    let mut names: Vec<&str> = raw.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(GgufError::DuplicateTensor { tensor: shown(pair[0]) }),
        None => Ok(()),
    }
}

/// Checks each range alone, then against its neighbours. Returns where the last one ends, 0 without tensors.
fn check_ranges(raw: &[RawTensor], alignment: u32, data_len: u64) -> Result<u64, GgufError> {
    for tensor in raw {
        let RawTensor { data_offset, byte_len, .. } = *tensor;
        if !data_offset.is_multiple_of(u64::from(alignment)) {
            return Err(GgufError::MisalignedTensor { tensor: shown(&tensor.name), data_offset, alignment });
        }
        if data_offset.checked_add(byte_len).is_none_or(|end| end > data_len) {
            let tensor = shown(&tensor.name);
            return Err(GgufError::TensorBeyondFile { tensor, data_offset, byte_len, data_len });
        }
    }
    let mut by_offset: Vec<&RawTensor> = raw.iter().collect();
    by_offset.sort_by_key(|tensor| tensor.data_offset);
    let mut previous: Option<&RawTensor> = None;
    let mut end = 0;
    for tensor in by_offset {
        if let Some(previous) = previous.filter(|_| tensor.data_offset < end) {
            return Err(GgufError::Overlap {
                first: shown(&previous.name),
                second: shown(&tensor.name),
                start: tensor.data_offset,
                end,
            });
        }
        let expected = align_up(end, alignment).unwrap_or(u64::MAX);
        if tensor.data_offset != expected {
            let data_offset = tensor.data_offset;
            return Err(GgufError::Gap { tensor: shown(&tensor.name), data_offset, expected });
        }
        end = tensor.data_offset + tensor.byte_len;
        previous = Some(tensor);
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensor_sizes() {
        let bytes = |dims: &[u64], ggml_type| tensor_bytes("t", dims, ggml_type).ok();
        assert_eq!(bytes(&[7], GgmlType::F32), Some(28));
        assert_eq!(bytes(&[64, 3], GgmlType::Q8_0), Some(2 * 34 * 3));
        assert_eq!(bytes(&[256, 2, 2, 2], GgmlType::Q4_K), Some(144 * 8));
        assert_eq!(bytes(&[255, 2], GgmlType::Q4_K), None, "a row in partial blocks");
    }

    #[test]
    fn sizes_that_wrap_are_errors() {
        for dims in [
            &[1 << 32, 1 << 32][..],
            &[1 << 31, 1 << 31, 4],
            &[u64::MAX],
            &[u64::MAX, u64::MAX, u64::MAX, u64::MAX],
            &[1 << 62],
            &[1 << 16, 1 << 16, 1 << 16, 1 << 16],
            &[1 << 61],
        ] {
            assert!(
                matches!(tensor_bytes("t", dims, GgmlType::F32), Err(GgufError::SizeOverflow { .. })),
                "{dims:?} must not wrap"
            );
        }
        // 2^63 weights in 2^63 * 18 / 128 bytes: the bytes fit, the weights do not.
        assert!(matches!(tensor_bytes("t", &[1 << 63], GgmlType::Q1_0), Err(GgufError::SizeOverflow { .. })));
    }

    #[test]
    fn rounding_up_near_the_end_of_the_number_line_does_not_wrap() {
        assert_eq!(align_up(33, 32), Some(64));
        assert_eq!(align_up(64, 32), Some(64));
        assert_eq!(align_up(u64::MAX - 3, 32), None);
    }
}

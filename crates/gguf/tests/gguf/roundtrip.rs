//! What the writer writes, the reader reads.

use gollum_gguf::{Array, GGML_TYPES, GgmlType, Gguf, Value, Writer};
use proptest::collection::vec;
use proptest::prelude::*;

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u8>().prop_map(Value::U8),
        any::<i8>().prop_map(Value::I8),
        any::<u16>().prop_map(Value::U16),
        any::<i16>().prop_map(Value::I16),
        any::<u32>().prop_map(Value::U32),
        any::<i32>().prop_map(Value::I32),
        any::<u64>().prop_map(Value::U64),
        any::<i64>().prop_map(Value::I64),
        // From bits: infinities and every NaN must survive too.
        any::<u32>().prop_map(|bits| Value::F32(f32::from_bits(bits))),
        any::<u64>().prop_map(|bits| Value::F64(f64::from_bits(bits))),
        any::<bool>().prop_map(Value::Bool),
        any::<String>().prop_map(Value::String),
    ]
}

fn array() -> impl Strategy<Value = Array> {
    prop_oneof![
        vec(any::<u8>(), 0..9).prop_map(Array::U8),
        vec(any::<i8>(), 0..9).prop_map(Array::I8),
        vec(any::<u16>(), 0..9).prop_map(Array::U16),
        vec(any::<i16>(), 0..9).prop_map(Array::I16),
        vec(any::<u32>(), 0..9).prop_map(Array::U32),
        vec(any::<i32>(), 0..9).prop_map(Array::I32),
        vec(any::<u64>(), 0..9).prop_map(Array::U64),
        vec(any::<i64>(), 0..9).prop_map(Array::I64),
        vec(any::<f32>(), 0..9).prop_map(Array::F32),
        vec(any::<f64>(), 0..9).prop_map(Array::F64),
        vec(any::<bool>(), 0..9).prop_map(Array::Bool),
        vec(any::<String>(), 0..9).prop_map(|strings| Array::String(strings.iter().collect())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![scalar(), array().prop_map(Value::Array)]
}

/// Any type, 1 to 4 dims, whole blocks, and a byte to fill it with.
fn tensor() -> impl Strategy<Value = (GgmlType, Vec<usize>, u8)> {
    (0..GGML_TYPES.len(), 1..4_usize, vec(1..4_usize, 0..4), any::<u8>()).prop_map(
        |(line, blocks, rest, fill)| {
            let layout = GGML_TYPES[line];
            let dims = std::iter::once(blocks * layout.block_weights).chain(rest).collect();
            (layout.ggml_type, dims, fill)
        },
    )
}

fn tensor_bytes(ggml_type: GgmlType, dims: &[usize], fill: u8) -> Vec<u8> {
    vec![fill; dims.iter().product::<usize>() / ggml_type.block_weights() * ggml_type.block_bytes()]
}

/// The file, written again from what was read.
fn rewritten(gguf: &Gguf, version: u32) -> Vec<u8> {
    let mut writer = Writer::new().version(version);
    for (key, value) in gguf.metadata().iter() {
        writer = writer.meta(key, value.clone());
    }
    for tensor in gguf.tensors() {
        writer = writer.tensor(&tensor.name, &tensor.dims, tensor.ggml_type, gguf.bytes(tensor).to_vec());
    }
    writer.to_bytes().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]
    #[test]
    fn written_files_read_back(
        values in vec((any::<String>(), value()), 0..8),
        tensors in vec(tensor(), 0..6),
        alignment in prop_oneof![Just(None), (3..13_u32).prop_map(|log| Some(1 << log))],
        version in 2..=3_u32,
    ) {
        let mut writer = Writer::new().version(version);
        if let Some(alignment) = alignment {
            writer = writer.meta("general.alignment", Value::U32(alignment));
        }
        for (index, (key, value)) in values.iter().enumerate() {
            writer = writer.meta(format!("{index}.{key}"), value.clone());
        }
        for (index, (ggml_type, dims, fill)) in tensors.iter().enumerate() {
            let bytes = tensor_bytes(*ggml_type, dims, *fill);
            writer = writer.tensor(format!("blk.{index}"), dims, *ggml_type, bytes);
        }
        let file = writer.to_bytes().unwrap();
        let gguf = Gguf::from_bytes(file.clone()).unwrap();

        prop_assert_eq!(gguf.metadata().len(), values.len() + usize::from(alignment.is_some()));
        for (index, (key, value)) in values.iter().enumerate() {
            let found = gguf.metadata().get(&format!("{index}.{key}")).unwrap();
            // By text, because NaN differs from itself; bit for bit is checked by writing again.
            prop_assert_eq!(format!("{found:?}"), format!("{value:?}"));
        }
        prop_assert_eq!(gguf.tensors().len(), tensors.len());
        for (index, (ggml_type, dims, fill)) in tensors.iter().enumerate() {
            let tensor = gguf.tensor(&format!("blk.{index}")).unwrap();
            prop_assert_eq!((tensor.ggml_type, &tensor.dims), (*ggml_type, dims));
            prop_assert_eq!(gguf.bytes(tensor), tensor_bytes(*ggml_type, dims, *fill));
        }
        prop_assert_eq!(rewritten(&gguf, version), file);
    }
}

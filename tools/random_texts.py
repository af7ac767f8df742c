"""Random strings of many kinds, the same on every run: what compare_tokenizer.py asks and make_vocabularies.py trains on."""
import random

SPECIAL = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<reponame>", "<file_sep>", "<gh_stars>",
    "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>", "<unused0>", "<unused1>", "<unused62>",
    "<|user|>", "<|end|>\n", "<|endoftext|> \n", " <mask>", "[multimodal]", "<start_of_image>", "</s>", "<s>", "<table>", "<h1>", "</h1>", "<0x0A>", "<0xFF>", "<|im_", "im_end|>", "<|", "|>",
]
WORDS = (
    "the of and hello world I'm don't we'll they've she'd it's you're THE It'S DON'T We'Re 'tis o'clock "
    "tokenizer antidisestablishmentarianism x1 2024 3.14159 1e-9 0xFF 1,000,000 C++ f(x) a_b camelCase snake_case "
    "http://example.com/a?b=c&d=e user@example.org #tag $5 50% [1] {\"k\": \"v\"} <div class='a'> \\n \\t "
    "naïve café Straße Ünïcödé Привет мир Γειά σου שלום مرحبا नमस्ते สวัสดี こんにちは 世界 한국어 안녕하세요 中文分词 繁體 "
    "ﬁ ① Ⅷ ² ½ ٣٤ १२३ ｆｕｌｌ １２３ ꧁ ﷽ e\u0301 a\u0308\u0323 \u1100\u1161\u11a8 ſ K İ ı ß ẞ"
).split()
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇯🇵🇫🇷", "❤️", "1️⃣", "👨🏿‍🚀", "🫠", "☃", "\ufe0f", "\u200d", "🏴\U000e0067\U000e0062\U000e007f"]
SPACES = [" ", "  ", "\n", "\n\n", "\t", "\r\n", "\r", "\v", "\f", "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085", "\u200b", "\u1680", "\u2581", "\ufeff"]
RANGES = [(0x20, 0x7F), (0x80, 0x24F), (0x250, 0x7FF), (0x800, 0xFFF), (0x1000, 0x1FFF), (0x2000, 0x2FFF), (0x3000, 0x9FFF), (0xA000, 0xD7FF),
          (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x2FFFF), (0x30000, 0x3FFFF), (0xE0000, 0xEFFFF), (0xF0000, 0x10FFFF)]


def character(rng):
    return chr(rng.randint(*rng.choice(RANGES)))


def part(rng):
    """A short piece of text of one of many kinds."""
    kind = rng.randrange(14)
    if kind < 3:
        return rng.choice(WORDS)
    if kind == 3:
        return " " + rng.choice(WORDS)
    if kind == 4:
        return "".join(chr(rng.randint(0x20, 0x7E)) for _ in range(rng.randint(1, 12)))
    if kind == 5:
        return "".join(character(rng) for _ in range(rng.randint(1, 6)))
    if kind == 6:
        return rng.choice(EMOJI) * rng.randint(1, 3)
    if kind == 7:
        return chr(rng.randint(0, 0x1F)) * rng.randint(1, 3) + chr(rng.choice([0x7F, rng.randint(0x80, 0x9F), 0]))
    if kind == 8:
        return rng.choice(SPACES) * rng.choice([1, 1, 2, 3, 4, 7, 16, 17, 31, 32, 33, 70])
    if kind == 9:
        return "".join(rng.choice(SPACES) for _ in range(rng.randint(1, 6)))
    if kind == 10:
        return rng.choice(SPECIAL)
    if kind == 11:
        return rng.choice("aAzZ0 .-=*#\n'\"\\é中") * rng.randint(2, 60)
    if kind == 12:
        return "'" + rng.choice(["s", "S", "t", "T", "re", "Re", "RE", "ve", "ll", "lL", "d", "m", "x", "é", " s", "l", "r"])
    return "".join(rng.choice("0123456789٠١²½ⅧⅣ") for _ in range(rng.randint(1, 9)))


# What tokens of DNA end in, in files.
DNA_MARK = "\ue000"


def dna(rng):
    """Letters between tags, some of them wrong, and sometimes a tag that is missing."""
    letters = "".join(rng.choice("ACGT" * 6 + "acgtN -\nÉ字" + DNA_MARK) for _ in range(rng.randint(0, 40)))
    known = "".join(rng.choices("ACGT", k=rng.randint(0, 40)))
    inside = rng.choice([letters, known, known.lower()])
    return rng.choice(["<dna>", "<dna>", "<dna>", "<DNA>", ""]) + inside + rng.choice(["</dna>", "</dna>", "</dna>", "<dna>", "<oov>", ""])


def with_dna(texts, seed):
    """The same texts, with DNA before, between and behind them."""
    rng = random.Random(seed)
    return ["".join(rng.choice([dna(rng), text, text[: len(text) // 2]]) for _ in range(rng.randint(1, 4))) for text in texts]


def strings(count, seed):
    rng = random.Random(seed)
    return [""] + ["".join(part(rng) for _ in range(rng.randint(1, 8))) for _ in range(count - 1)]


# Behind these no character is assigned but for tags, variation selectors and private use.
LAST_ASSIGNED, OTHERS_STEP = 0x323AF, 61


def every_character(sampled):
    """Each code point between and beside letters, digits, spaces and punctuation. `sampled`: of the planes where
    hardly anything is assigned, every 61st."""
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    if sampled:
        points = [c for c in points if ord(c) <= LAST_ASSIGNED or 0xE0000 <= ord(c) < 0xE0200 or ord(c) % OTHERS_STEP == 0]
    return ["".join(f"a{c}b {c}1{c}!  {c}\n" for c in points[at : at + 16]) for at in range(0, len(points), 16)]

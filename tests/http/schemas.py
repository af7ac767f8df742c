"""Schemas for the tests of structured output: random ones, and those of the public test suite."""

import json
import random
import subprocess
import sys
import tarfile

# The validator's own source package has the suite in it.
SUITE_PACKAGE = "jsonschema==4.26.0"
SUITE_FOLDER = "/json/tests/draft2020-12/"
INSTALL_TIMEOUT_S = 180
MAX_DEPTH = 2
NAMES = ["id", "name", "größe", "is_open", "tags", "a b", 'q"uote', "/path", "x"]
WORDS = ["red", "blau", "日本", "a\nb", "", "\\", "0", "true"]
PATTERNS = ["^[a-z]{1,8}$", "[0-9]{3}", "^(ab|cd)+$", "^\\d{4}-\\d{2}$", "^[^x]{0,5}$", "end$", "^é?[A-F]{2}$", "^.{2,6}$", "\\W"]
FORMATS = ["date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"]
# What the server refuses, sometimes or always: a schema with one of them is refused or kept to.
HARD = [
    {"not": {"type": "null"}},
    {"uniqueItems": True},
    {"contains": {"type": "integer"}},
    {"if": {"type": "string"}, "then": {"minLength": 2}},
    {"minProperties": 2},
    {"maxProperties": 1},
    {"dependentRequired": {"id": ["name"]}},
    {"propertyNames": {"maxLength": 2}},
    {"unevaluatedProperties": False},
    {"format": "no-such-format"},
    {"multipleOf": 0.25},
]


class Writer:
    """Writes random schemas whose answers end: texts and lists are bounded, but where a pattern or a format bounds them."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def document(self):
        schema = self.object(MAX_DEPTH) if self.random.random() < 0.8 else self.any(MAX_DEPTH)
        if self.random.random() < 0.3:
            schema = {"$defs": {"part": self.any(1)}, **schema}
            if "properties" in schema:
                schema["properties"]["part"] = {"$ref": "#/$defs/part"}
                schema.setdefault("required", []).append("part")
        if self.random.random() < 0.15:
            schema |= self.random.choice(HARD)
        return schema

    def any(self, depth):
        kinds = [self.text, self.number, self.fixed, self.simple]
        if depth > 0:
            kinds += [self.object, self.list, self.either, self.all]
        return self.random.choice(kinds)(depth - 1)

    def simple(self, _):
        return self.random.choice([{"type": "boolean"}, {"type": "null"}, {"type": ["integer", "null"], "maximum": 9}])

    def fixed(self, _):
        values = [*WORDS, 7, -0.5, None, True, {"a": 1}, [1, "b"]]
        return self.random.choice([{"const": self.random.choice(values)}, {"enum": self.random.sample(values, 3)}])

    def text(self, _):
        schema = {"type": "string"}
        kind = self.random.randrange(3)
        if kind == 0:
            least = self.random.randrange(4)
            schema |= {"minLength": least, "maxLength": least + self.random.randrange(20)}
        elif kind == 1:
            schema |= {"pattern": self.random.choice(PATTERNS), "maxLength": 24}
        else:
            schema |= {"format": self.random.choice(FORMATS), "maxLength": 40}
        return schema

    def number(self, _):
        # Digits behind the point have no bound, and a small model likes to go on.
        schema = {"type": "integer" if self.random.random() < 0.8 else "number"}
        least = self.random.randrange(-1000, 1000)
        most = least + self.random.randrange(6, 2000)
        low, high = self.random.choice(["minimum", "exclusiveMinimum"]), self.random.choice(["maximum", "exclusiveMaximum"])
        schema |= {low: least, high: most}
        if schema["type"] == "integer" and self.random.random() < 0.3:
            schema["multipleOf"] = self.random.choice([2, 3, 5])
        return schema

    def list(self, depth):
        schema = {"type": "array", "items": self.any(depth), "maxItems": self.random.randrange(1, 5)}
        if self.random.random() < 0.4:
            schema["minItems"] = self.random.randrange(schema["maxItems"] + 1)
        if self.random.random() < 0.3:
            schema["prefixItems"] = [self.any(depth) for _ in range(self.random.randrange(1, 3))]
        return schema

    def object(self, depth):
        names = self.random.sample(NAMES, self.random.randrange(1, 5))
        schema = {"type": "object", "properties": {name: self.any(depth) for name in names}}
        schema["required"] = [name for name in names if self.random.random() < 0.6]
        if self.random.random() < 0.1:
            schema["patternProperties"] = {"^n_[a-z]{1,3}$": self.any(0)}
        schema["additionalProperties"] = self.random.choice([False, False, False, False, False, {"type": "boolean"}])
        return schema

    def either(self, depth):
        branches = [self.any(depth) for _ in range(self.random.randrange(2, 4))]
        return {self.random.choice(["anyOf", "anyOf", "oneOf"]): branches}

    def all(self, depth):
        extra = {"type": "object", "properties": {"extra": self.any(0)}, "required": ["extra"]}
        open_object = self.object(depth)
        del open_object["additionalProperties"]
        closed = {"properties": dict.fromkeys([*open_object["properties"], "extra"], True), "additionalProperties": False}
        return {"allOf": [open_object, extra], **closed}


def random_schemas(count, seed):
    return [Writer(seed * 1_000_000 + number).document() for number in range(count)]


def suite_schemas(count, seed, home):
    """As many schemas of the JSON Schema test suite, in a random order; None where the package cannot be had."""
    package, version = SUITE_PACKAGE.split("==")
    archive = home / f"{package}-{version}.tar.gz"
    if not archive.exists():
        get = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package, "--dest", str(home)]
        done = subprocess.run([*get, SUITE_PACKAGE], capture_output=True, timeout=INSTALL_TIMEOUT_S, check=False)
        if done.returncode != 0:
            return None
    found = []
    with tarfile.open(archive) as files:
        for member in sorted(files.getmembers(), key=lambda member: member.name):
            _, is_in, name = member.name.partition(SUITE_FOLDER)
            if is_in and name.endswith(".json") and "/" not in name:
                found += [case["schema"] for case in json.load(files.extractfile(member))]
    random.Random(seed).shuffle(found)
    return found[:count]

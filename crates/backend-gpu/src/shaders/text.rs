//! WGSL files with slots, and what fills them in.
//!
//! A line of its own that begins with `//@` directs the filling:
//! ```text
//! //@include FILE          the file's lines, filled in likewise
//! //@if FLAG ... //@end    kept if the variant has the flag
//! //@each VAR COUNT ...    repeated for VAR = 0, 1, ... below the value named COUNT
//! //@for VAR in A B C ...  repeated for VAR = A, B, C, which may come from values
//! ```
//! and `{{NAME}}` is a value. So one text serves every weight layout and batch size, and what threads keep in registers
//! has names rather than indices, which compilers would put into memory.

const FILES: &[(&str, &str)] = &[
    ("activate", include_str!("activate.wgsl")),
    ("add_block", include_str!("add_block.wgsl")),
    ("append", include_str!("append.wgsl")),
    ("attend", include_str!("attend.wgsl")),
    ("attend_block", include_str!("attend_block.wgsl")),
    ("best", include_str!("best.wgsl")),
    ("block", include_str!("block.wgsl")),
    ("conv", include_str!("conv.wgsl")),
    ("copy_heads", include_str!("copy_heads.wgsl")),
    ("copy_page", include_str!("copy_page.wgsl")),
    ("cut_gates", include_str!("cut_gates.wgsl")),
    ("copy_state", include_str!("copy_state.wgsl")),
    ("dot", include_str!("dot.wgsl")),
    ("embed", include_str!("embed.wgsl")),
    ("experts", include_str!("experts.wgsl")),
    ("finish", include_str!("finish.wgsl")),
    ("float_weights", include_str!("float_weights.wgsl")),
    ("four", include_str!("four.wgsl")),
    ("gate", include_str!("gate.wgsl")),
    ("heads", include_str!("heads.wgsl")),
    ("join", include_str!("join.wgsl")),
    ("kv", include_str!("kv.wgsl")),
    ("levels", include_str!("levels.wgsl")),
    ("math", include_str!("math.wgsl")),
    ("match_magnitude", include_str!("match_magnitude.wgsl")),
    ("matmul", include_str!("matmul.wgsl")),
    ("mix_streams", include_str!("mix_streams.wgsl")),
    ("memory", include_str!("memory.wgsl")),
    ("norm", include_str!("norm.wgsl")),
    ("pack_kv", include_str!("pack_kv.wgsl")),
    ("quantise", include_str!("quantise.wgsl")),
    ("quantise_out", include_str!("quantise_out.wgsl")),
    ("quantise_rows", include_str!("quantise_rows.wgsl")),
    ("rope", include_str!("rope.wgsl")),
    ("route", include_str!("route.wgsl")),
    ("rows", include_str!("rows.wgsl")),
    ("segments", include_str!("segments.wgsl")),
    ("sort_pairs", include_str!("sort_pairs.wgsl")),
    ("total", include_str!("total.wgsl")),
    ("softplus", include_str!("softplus.wgsl")),
    ("unit_matmul", include_str!("unit_matmul.wgsl")),
    ("walk", include_str!("walk.wgsl")),
    ("window", include_str!("window.wgsl")),
];

/// Flags and values of a variant.
pub struct Filling {
    pub flags: Vec<&'static str>,
    values: Vec<(String, String)>,
}

impl Filling {
    /// Of a workgroup of so many threads.
    pub fn new(workgroup: usize) -> Self {
        Self { flags: Vec::new(), values: vec![("wg".to_owned(), workgroup.to_string())] }
    }

    /// Sets a value; the last one counts.
    pub fn set(&mut self, name: &str, value: &dyn ToString) {
        self.values.insert(0, (name.to_owned(), value.to_string()));
    }

    /// A file of the list, filled in.
    pub fn fill_file(&self, file: &str) -> String {
        let (_, text) = FILES.iter().find(|(name, _)| *name == file).expect("kernels name files of the list");
        let lines: Vec<&str> = text.lines().collect();
        let mut out = String::new();
        self.fill(&lines, &[], &mut out);
        out
    }

    /// Fills lines in; `bound` are the variables of the loops around them.
    fn fill(&self, lines: &[&str], bound: &[(String, String)], out: &mut String) {
        let mut at = 0;
        while at < lines.len() {
            let Some(directive) = lines[at].trim().strip_prefix("//@") else {
                out.push_str(&self.values_in(lines[at], bound));
                out.push('\n');
                at += 1;
                continue;
            };
            let words: Vec<&str> = directive.split_whitespace().collect();
            if words[0] == "include" {
                let text = FILES.iter().find(|(name, _)| *name == words[1]).expect("a file of the list").1;
                self.fill(&text.lines().collect::<Vec<&str>>(), bound, out);
                at += 1;
                continue;
            }
            let end = end_of(lines, at);
            let inside = &lines[at + 1..end];
            match words[0] {
                "if" => {
                    if self.flags.contains(&words[1]) {
                        self.fill(inside, bound, out);
                    }
                }
                "each" => {
                    let count: usize = self.value(words[2], bound).parse().expect("a count");
                    for i in 0..count {
                        self.fill(inside, &with(bound, words[1], &i.to_string()), out);
                    }
                }
                "for" => {
                    for item in self.values_in(&words[3..].join(" "), bound).split_whitespace() {
                        self.fill(inside, &with(bound, words[1], item), out);
                    }
                }
                other => panic!("`//@{other}` in a kernel"),
            }
            at = end + 1;
        }
    }

    fn value(&self, name: &str, bound: &[(String, String)]) -> String {
        let found = bound.iter().rev().chain(&self.values).find(|(n, _)| n == name);
        found.unwrap_or_else(|| panic!("a kernel's text asks for `{name}`")).1.clone()
    }

    fn values_in(&self, line: &str, bound: &[(String, String)]) -> String {
        let mut parts = line.split("{{");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once("}}").expect("every {{ has its }}");
            out.push_str(&self.value(name, bound));
            out.push_str(rest);
        }
        out
    }
}

fn with(bound: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    [bound, &[(name.to_owned(), value.to_owned())]].concat()
}

/// The line of the `//@end` that belongs to the directive at `at`.
fn end_of(lines: &[&str], at: usize) -> usize {
    let mut depth = 0;
    for (i, line) in lines.iter().enumerate().skip(at) {
        let Some(directive) = line.trim().strip_prefix("//@") else { continue };
        match directive.split_whitespace().next() {
            Some("if" | "each" | "for") => depth += 1,
            Some("end") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i;
        }
    }
    panic!("no //@end for `{}`", lines[at])
}

/// What a kernel's text binds, in the order of the bindings: name, and whether it writes.
pub fn bindings(source: &str) -> Vec<(String, bool)> {
    let of_line = |line: &str| {
        let rest = line.strip_prefix("@group(0) @binding(")?;
        let (access, rest) = rest.split_once("var<storage, ")?.1.split_once('>')?;
        let name = rest.trim().split(':').next()?;
        Some((name.to_owned(), access == "read_write"))
    };
    source.lines().filter_map(of_line).collect()
}

/// How many words of parameters a kernel's text takes: the fields of its struct `P`.
pub fn param_words(source: &str) -> usize {
    let Some((_, rest)) = source.split_once("struct P {") else { return 0 };
    let fields = rest.split_once('}').map_or("", |(fields, _)| fields);
    let code = fields.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.map(|line| line.matches(':').count()).sum()
}

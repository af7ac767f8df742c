//! Templates that attack: each must end in a typed error (or in harmless text), in little time and memory, on
//! the 2 MiB stack of a worker thread. Everything runs in one test, one after the other, because memory is
//! measured for the whole process.

use std::time::{Duration, Instant};

use gollum_frontend::{
    ChatRequest, ChatTemplate, FrontendError, GenerateOptions, Message, TemplateError, TemplateTokens,
};

/// CPU time of a hostile template at most (R4).
const MAX_TIME: Duration = Duration::from_millis(50);
/// The same where minijinja does not count.
const MAX_SLOW_TIME: Duration = Duration::from_millis(2000);
/// Memory at most, beyond what the process had (R4).
const MAX_KIB: u64 = 16 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// A limit of ours.
    Limit,
    /// Refused when compiled or when run, as unknown or malformed.
    Refused,
    /// Any error, or text: it must just be cheap.
    Cheap,
    /// A limit, later than the rest: minijinja compares, indexes and hashes strings without asking for fuel, so
    /// that only the size that fuel allows bounds them.
    Slow,
    /// The deadline: minijinja compares and joins lists that share parts without asking for fuel, and the
    /// thread is abandoned.
    Endless,
}
use Expect::{Cheap, Endless, Limit, Refused, Slow};

/// The attacks: name, source, what must come of it.
fn corpus() -> Vec<(&'static str, String, Expect)> {
    let mut all: Vec<(&'static str, String, Expect)> =
        FIXED.iter().map(|&(name, source, expect)| (name, source.to_owned(), expect)).collect();
    let nested = |open: &str, middle: &str, close: &str, n: usize| {
        format!("{}{middle}{}", open.repeat(n), close.repeat(n))
    };
    all.extend([
        ("5500 nested ifs", nested("{% if 1 %}", "x", "{% endif %}", 5500), Limit),
        ("5500 nested fors", nested("{% for i in [1] %}", "x", "{% endfor %}", 5500), Limit),
        ("nested brackets", format!("{{{{ {} }}}}", nested("[", "", "]", 50_000)), Limit),
        ("nested parentheses", format!("{{{{ {} }}}}", nested("(", "1", ")", 50_000)), Limit),
        ("nested maps", format!("{{{{ {} }}}}", nested("{'a':", "1", "}", 20_000)), Limit),
        ("chained not", format!("{{{{ {} 1 }}}}", "not ".repeat(60_000)), Limit),
        ("chained minus", format!("{{{{ {} 1 }}}}", "- ".repeat(100_000)), Limit),
        ("chained filters", format!("{{{{ 'x'{} }}}}", "|upper".repeat(40_000)), Cheap),
        ("chained additions", format!("{{{{ 1{} }}}}", "+1".repeat(120_000)), Cheap),
        ("chained attributes", format!("{{{{ messages{} }}}}", ".a".repeat(120_000)), Cheap),
        ("chained ternaries", format!("{{{{ {} 1 }}}}", "1 if 0 else ".repeat(20_000)), Cheap),
        ("chained comparisons", format!("{{{{ 1{} }}}}", " < 2".repeat(60_000)), Cheap),
        ("a long string", format!("{{{{ '{}' }}}}", "x".repeat(250_000)), Cheap),
        ("many blocks", "{% if 0 %}{% endif %}".repeat(12_000), Cheap),
        ("many sets", "{% set x = [1] %}".repeat(15_000), Cheap),
        ("an endless comment", "{#".repeat(100_000), Refused),
        ("an endless block", "{%".repeat(100_000), Cheap),
        ("more than the source limit", "x".repeat((256 << 10) + 1), Limit),
    ]);
    all
}

/// See `corpus`.
const FIXED: &[(&str, &str, Expect)] = &[
    // Work.
    (
        "nested ranges",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        Limit,
    ),
    ("a range of ranges", "{% for a in range(100000000) %}{% endfor %}", Cheap),
    ("range to list", "{{ range(99999) | list | length }}{{ range(99999) | list }}", Limit),
    ("recursive loop", "{% for m in messages recursive %}{{ loop(messages) }}{% endfor %}", Limit),
    ("recursive macro", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", Limit),
    (
        "two macros that call each other",
        "{% macro f(x) %}{{ g(x) }}{% endmacro %}{% macro g(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
        Cheap,
    ),
    (
        "macro that doubles",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(15) }}",
        Limit,
    ),
    (
        "sorting",
        "{% for i in range(9999) %}{{ range(9999) | list | sort(reverse=true) | length }}{% endfor %}",
        Limit,
    ),
    (
        "searching",
        "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{% if s.find('b') %}{% endif %}{% endfor %}",
        Limit,
    ),
    (
        "counting",
        "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{{ s.count('b') }}{% endfor %}",
        Limit,
    ),
    (
        "comparing",
        "{% set s = 'a' * 1000000 %}{% set t = 'a' * 1000000 %}\
             {% for i in range(99999) %}{{ s == t }}{% endfor %}",
        Slow,
    ),
    ("containing", "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{{ 'b' in s }}{% endfor %}", Limit),
    ("measuring", "{% set s = 'é' * 500000 %}{% for i in range(99999) %}{{ s | length }}{% endfor %}", Limit),
    ("indexing", "{% set s = 'é' * 500000 %}{% for i in range(99999) %}{{ s[499999] }}{% endfor %}", Slow),
    (
        "keys of a million bytes",
        "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{% set d = {s: 1} %}{% endfor %}",
        Slow,
    ),
    (
        "truth of a long list",
        "{% set l = range(99999) | list %}{% for i in range(99999) %}{% if l == l %}{% endif %}{% endfor %}",
        Limit,
    ),
    // Bytes.
    ("string times number", "{{ 'x' * 1000000000 }}", Limit),
    ("string times huge number", "{{ 'x' * 9223372036854775807 }}", Cheap),
    ("list times number", "{{ [1] * 1000000000 }}", Cheap),
    (
        "doubling",
        "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        Limit,
    ),
    (
        "doubling by addition",
        "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        Limit,
    ),
    (
        "doubling a list",
        "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        Endless,
    ),
    (
        "doubling by replace",
        "{% set ns = namespace(s='x') %}\
             {% for i in range(60) %}{% set ns.s = ns.s.replace('x', 'xx') %}{% endfor %}",
        Limit,
    ),
    ("replace of nothing", "{% set s = 'x' * 100000 %}{{ s.replace('', s) }}", Limit),
    ("join", "{{ range(99999) | join('x' * 10000) }}", Limit),
    ("method join", "{{ ('x' * 10000).join(range(99999)) }}", Limit),
    ("center", "{{ 'x' | center(1000000000) }}", Cheap),
    ("indent", "{{ 'x\n' * 1000 | indent(100000000) }}", Cheap),
    ("format width", "{{ '%1000000000d' | format(1) }}", Cheap),
    ("method format width", "{{ '{:>1000000000}'.format(1) }}", Cheap),
    ("format precision", "{{ '%.1000000000f' | format(1.5) }}", Cheap),
    ("tojson indent", "{{ messages | tojson(indent=1000000000) }}", Refused),
    ("tojson separators", "{{ range(99999) | list | tojson(separators=['x' * 100000, ':']) }}", Limit),
    (
        "tojson of shared lists",
        "{% set ns = namespace(l=[1]) %}\
             {% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}",
        Limit,
    ),
    (
        "printing shared lists",
        "{% set ns = namespace(l=[1]) %}\
             {% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
        Limit,
    ),
    (
        "comparing shared lists",
        "{% set ns = namespace(l=[1], m=[1]) %}\
             {% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}\
             {{ ns.l == ns.m }}",
        Endless,
    ),
    (
        "a list a hundred thousand deep",
        "{% set ns = namespace(l=[1]) %}\
             {% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}{{ ns.l | tojson }}",
        Cheap,
    ),
    (
        "a list a few thousand deep",
        "{% set ns = namespace(l=[1]) %}\
             {% for i in range(5000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l | tojson }}",
        Limit,
    ),
    ("output in a loop", "{% set s = 'x' * 10000 %}{% for i in range(99999) %}{{ s }}{% endfor %}", Limit),
    ("batch", "{{ range(99999) | batch(1000000000, 'x') | list }}", Cheap),
    ("slice", "{{ range(10) | slice(1000000000) | list }}", Cheap),
    ("power", "{{ 10 ** 1000000000 }}", Cheap),
    ("shift by repeated power", "{{ 2 ** 2 ** 2 ** 2 ** 2 ** 2 ** 2 }}", Cheap),
    ("division by zero", "{{ 1 // 0 }}{{ 1 % 0 }}", Cheap),
    ("strftime of length", "{{ strftime_now('%A' * 100000) }}", Refused),
    // Reach.
    ("python class walk", "{{ ''.__class__.__mro__[1].__subclasses__() }}", Refused),
    ("python init globals", "{{ messages.__init__.__globals__ }}", Refused),
    ("python import", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", Refused),
    ("attr filter", "{{ ('' | attr('__class__')).x }}", Refused),
    ("include a file", "{% include '/etc/passwd' %}", Refused),
    ("import a file", "{% import '/etc/passwd' as p %}", Refused),
    ("from a file", "{% from 'x' import y %}", Refused),
    ("extend a file", "{% extends '/etc/passwd' %}", Refused),
    ("unknown function", "{{ open('/etc/passwd') }}", Refused),
    ("environment", "{{ env('HOME') }}{{ getenv('HOME') }}", Refused),
    ("unknown filter", "{{ 'id' | system }}", Refused),
    ("debug", "{{ debug() }}", Refused),
    ("pprint", "{{ messages | pprint }}", Refused),
    ("lipsum", "{{ lipsum(1000000) }}", Refused),
];

/// Renders on a worker's stack; returns the outcome and the time. `None` if it takes five seconds,
/// which is more than the frontend's own deadline.
fn attempt(source: &str) -> Option<(Result<String, FrontendError>, Duration)> {
    let source = source.to_owned();
    let (reply, outcome) = std::sync::mpsc::channel();
    let worker = std::thread::Builder::new().stack_size(2 << 20);
    let run = move || {
        let (start, cpu) = (Instant::now(), cpu_time());
        let request = ChatRequest::new(vec![Message::new("user", "hello")], GenerateOptions::default());
        let result = ChatTemplate::new(&source, TemplateTokens::default())
            .map_err(FrontendError::from)
            .and_then(|template| template.render(&request, 0));
        let wall = start.elapsed();
        // The test has given up waiting if this fails.
        let _ = reply.send((
            result.map(|(text, _)| text),
            // The smaller one: wall time counts other work on the machine, CPU time comes in ticks.
            cpu.zip(cpu_time()).map_or(wall, |(before, after)| wall.min(after - before)),
        ));
    };
    worker.spawn(run).expect("a thread");
    outcome.recv_timeout(Duration::from_secs(5)).ok()
}

/// CPU time of the process so far in ticks of 10 ms, where the system tells (Linux).
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.split_whitespace().skip(13).map(|field| field.parse::<u64>().ok());
    Some(Duration::from_millis(10 * (fields.next()?? + fields.next()??)))
}

fn status_kib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or("0");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Peak memory of `run` beyond what there was before, where the system tells (Linux).
fn extra_kib<T>(run: impl FnOnce() -> T) -> (T, u64) {
    // Resets the peak to the present size.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = status_kib("VmRSS");
    let value = run();
    (value, status_kib("VmHWM").saturating_sub(before))
}

#[test]
fn hostile_templates_end_soon_and_small() {
    let mut faults = Vec::new();
    let mut corpus = corpus();
    // Last, because what they start goes on.
    corpus.sort_by_key(|(_, _, expect)| *expect == Endless);
    assert!(corpus.len() >= 60, "{} attacks", corpus.len());
    for (name, source, expect) in &corpus {
        let (first, kib) = extra_kib(|| attempt(source));
        let Some((outcome, first)) = first else {
            faults.push(format!("{name}: does not end, {kib} KiB"));
            continue;
        };
        // The best of three: other work on the machine must not fail the test.
        let again = (0..if first < MAX_TIME || *expect == Endless { 0 } else { 2 })
            .filter_map(|_| attempt(source))
            .map(|(_, t)| t);
        let time = again.fold(first, Duration::min);
        let shown = match &outcome {
            Ok(text) => format!("{} bytes of text", text.len()),
            Err(error) => error.to_string().chars().take(100).collect(),
        };
        let max_time = match expect {
            Slow => MAX_SLOW_TIME,
            Endless => Duration::from_secs(4),
            Limit | Refused | Cheap => MAX_TIME,
        };
        let max_kib = if *expect == Endless { 4 * MAX_KIB } else { MAX_KIB };
        let as_expected = match (expect, &outcome) {
            (Limit | Slow | Endless, Err(FrontendError::Template(TemplateError::Limit { .. })))
            | (Cheap, _) => true,
            (Refused, Err(FrontendError::Template(error))) => !matches!(error, TemplateError::Limit { .. }),
            _ => false,
        };
        if !as_expected || time > max_time || kib > max_kib {
            faults.push(format!("{name}: wanted {expect:?}, got {shown} in {time:?} and {kib} KiB"));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), corpus.len(), faults.join("\n"));
}

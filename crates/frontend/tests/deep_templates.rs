//! Values nested as deep as fuel allows: apart from the other hostile templates, which measure memory.

use gollum_frontend::{
    ChatRequest, ChatTemplate, FrontendError, GenerateOptions, Message, TemplateError, TemplateTokens,
};

/// A list in a list in a list, about as deep as the fuel of a large request allows, dropped, compared, printed
/// and hashed: each recurses into the host's stack, and an overflow would end the process and this test with it.
#[test]
fn deep_values_fit_the_stack() {
    let message = Message::new("user", "x".repeat(4 << 20));
    let request = ChatRequest::new(vec![message], GenerateOptions::default());
    // How deep, what is built a hundred thousand or thirty thousand times, and what is done with it.
    let one = "{% set ns.l = [ns.l] %}";
    let one_map = "{% set ns.l = {'a': ns.l} %}";
    let two = "{% set ns.l = [ns.l] %}{% set ns.m = [ns.m] %}";
    let cases = [
        (99_999, one, ""),
        (99_999, one_map, ""),
        (99_999, one, "{{ ns.l ~ '' }}"),
        (99_999, one_map, "{{ ns.l | string | length }}"),
        (99_999, one, "{{ '%s' | format(ns.l) | length }}"),
        (99_999, one, "{% set d = {ns.l: 1} %}"),
        (99_999, one, "{{ ns.l }}"),
        (99_999, one_map, "{{ ns.l | tojson }}"),
        (45_000, two, "{{ ns.l == ns.m }}"),
        (45_000, two, "{{ ns.l < ns.m }}"),
        (45_000, two, "{{ ns.l in [ns.m] }}"),
        (45_000, two, "{{ [ns.l, ns.m] | unique | list | length }}"),
        (45_000, two, "{{ [ns.l, ns.m] | sort | length }}"),
        (45_000, two, "{% set d = {ns.l: 1} %}{{ d[ns.m] }}"),
    ];
    let mut complete = 0;
    for (steps, build, use_it) in cases {
        let source = format!(
            "{{% set ns = namespace(l=1, m=1) %}}{{% for i in range({steps}) %}}{build}{{% endfor %}}{use_it}"
        );
        let template = ChatTemplate::new(&source, TemplateTokens::default()).expect("compiles");
        match template.render(&request, 0) {
            Ok(_) => complete += 1,
            Err(FrontendError::Template(TemplateError::Limit { .. })) => {}
            Err(other) => panic!("{use_it}: {other:?}"),
        }
    }
    assert!(complete >= 10, "only {complete} of {} were within the fuel", cases.len());
}

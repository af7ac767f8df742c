//! Templates in the style of well-known models, written for this test, and what they must make of a conversation.

use gollum_frontend::{
    ChatRequest, ChatTemplate, FrontendError, GenerateOptions, Message, TemplateError, TemplateTokens,
};
use serde_json::json;

const CHATML: &str = "{% for message in messages %}\
{% if loop.first and message['role'] != 'system' %}{{ '<|im_start|>system\\nYou are helpful.<|im_end|>\\n' }}{% endif %}\
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}\
{% endfor %}\
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const LLAMA_3: &str = "{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now('%d %b %Y') %}
    {%- else %}
        {%- set date_string = '26 Jul 2024' %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = '' %}
{%- endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}
{%- if tools is not none %}
    {{- 'Environment: ipython\\n' }}
{%- endif %}
{{- 'Today Date: ' + date_string + '\\n\\n' }}
{{- system_message }}
{{- '<|eot_id|>' }}
{%- for message in messages %}
    {%- if message.role == 'ipython' or message.role == 'tool' %}
        {{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' }}
        {%- if message.content is mapping or message.content is iterable and message.content is not string %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception('This model only supports single tool-calls at once!') }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{\"name\": \"' + tool_call.name + '\", ' }}
        {{- '\"parameters\": ' }}
        {{- tool_call.arguments | tojson }}
        {{- '}' }}
        {{- '<|eot_id|>' }}
    {%- else %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}";

const GEMMA: &str = "{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = '' -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {%- endif -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = 'model' -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else '') }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- else -%}
        {{ raise_exception('Invalid content type') }}
    {%- endif -%}
    {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\\n'}}
{%- endif -%}";

const QWEN: &str = "{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helpful assistant.' }}
    {%- endif %}
    {{- '\\n\\n# Tools\\n\\n<tools>' }}
    {%- for tool in tools %}
        {{- '\\n' }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- '\\n</tools><|im_end|>\\n' }}
{%- elif messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- if message.role == 'user' and not message.content.startswith('<tool_response>') %}
        {%- set ns.last = messages|length - 1 - loop.index0 %}
        {%- break %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if (message.role == 'user') or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == 'assistant' %}
        {%- set content = message.content %}
        {%- if '</think>' in content %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>' + message.role }}
        {%- if content %}
            {{- '\\n' + content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{\"name\": \"' }}
            {{- tool_call.name }}
            {{- '\", \"arguments\": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != 'tool') %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != 'tool') %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}";

const MISTRAL: &str = "{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('After the optional system message, conversation roles must alternate') }}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {%- if loop.first and system_message is defined %}
            {{- ' [INST] ' + system_message + '\\n\\n' + message['content'] + ' [/INST]' }}
        {%- else %}
            {{- ' [INST] ' + message['content'] + ' [/INST]' }}
        {%- endif %}
    {%- elif message['role'] == 'assistant' %}
        {{- ' ' + message['content'] + eos_token}}
    {%- else %}
        {{- raise_exception('Only user and assistant roles are supported') }}
    {%- endif %}
{%- endfor %}";

/// 29 February 2024, 15:01 UTC.
const NOW: u64 = 1_709_218_860;

fn tokens() -> TemplateTokens {
    TemplateTokens { bos: "<s>".into(), eos: "</s>".into(), ..Default::default() }
}

fn request(messages: &[(&str, &str)]) -> ChatRequest {
    let messages = messages.iter().map(|(role, text)| Message::new(*role, *text)).collect();
    ChatRequest::new(messages, GenerateOptions::default())
}

fn render(source: &str, request: &ChatRequest) -> Result<String, FrontendError> {
    Ok(ChatTemplate::new(source, tokens())?.render(request, NOW)?.0)
}

fn check(source: &str, messages: &[(&str, &str)], expected: &str) {
    assert_eq!(render(source, &request(messages)).as_deref(), Ok(expected));
}

const TALK: [(&str, &str); 4] =
    [("system", "Be brief."), ("user", " Hi! "), ("assistant", "Hello."), ("user", "2+2?")];

#[test]
fn chatml() {
    check(
        CHATML,
        &TALK[1..],
        "<|im_start|>system\nYou are helpful.<|im_end|>\n<|im_start|>user\n Hi! <|im_end|>\n\
         <|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n",
    );
}

#[test]
fn llama_3() {
    check(
        LLAMA_3,
        &TALK,
        "<s><|start_header_id|>system<|end_header_id|>\n\nToday Date: 29 Feb 2024\n\nBe brief.<|eot_id|>\
         <|start_header_id|>user<|end_header_id|>\n\nHi!<|eot_id|>\
         <|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>\
         <|start_header_id|>user<|end_header_id|>\n\n2+2?<|eot_id|>\
         <|start_header_id|>assistant<|end_header_id|>\n\n",
    );
    let mut with_date = request(&TALK[3..]);
    with_date.template_kwargs.insert("date_string".into(), json!("1 Jan 2000"));
    with_date.add_generation_prompt = false;
    assert_eq!(
        render(LLAMA_3, &with_date).as_deref(),
        Ok("<s><|start_header_id|>system<|end_header_id|>\n\nToday Date: 1 Jan 2000\n\n<|eot_id|>\
            <|start_header_id|>user<|end_header_id|>\n\n2+2?<|eot_id|>")
    );
}

#[test]
fn gemma() {
    check(
        GEMMA,
        &TALK,
        "<s><start_of_turn>user\nBe brief.\n\nHi!<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n\
         <start_of_turn>user\n2+2?<end_of_turn>\n<start_of_turn>model\n",
    );
}

#[test]
fn mistral() {
    check(MISTRAL, &TALK, "<s> [INST] Be brief.\n\n Hi!  [/INST] Hello.</s> [INST] 2+2? [/INST]");
}

#[test]
fn what_a_template_raises_is_reported_word_for_word() {
    let expected = "Conversation roles must alternate user/assistant/user/assistant/...";
    let result = render(GEMMA, &request(&[("user", "a"), ("user", "b")]));
    assert_eq!(result, Err(TemplateError::Raised { message: expected.into() }.into()));
}

#[test]
fn tools_are_spelled_as_in_training() {
    let mut r = request(&[("user", "Weather in \"Zürich\"?")]);
    // Keys in this order, a space after each colon and comma, nothing escaped for HTML, unicode as it is.
    r.tools = Some(json!([{"type": "function", "function": {
        "name": "weather", "description": "What's <it> like & how?",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "at": {"default": 1.0}},
                       "required": ["city"], "empty": {}, "none": null, "yes": true}}}]));
    let call = json!([{"id": "c1", "type": "function",
        "function": {"name": "weather", "arguments": "{\"city\": \"Zürich\", \"days\": 3}"}}]);
    r.messages.push(Message { tool_calls: Some(call), ..Message::new("assistant", "") });
    r.messages.push(Message { tool_call_id: Some("c1".into()), ..Message::new("tool", "sunny") });
    r.messages.push(Message::new("tool", "dry"));
    r.template_kwargs.insert("enable_thinking".into(), json!(false));
    assert_eq!(
        render(QWEN, &r).as_deref(),
        Ok("<|im_start|>system\nYou are a helpful assistant.\n\n# Tools\n\n<tools>\n\
            {\"type\": \"function\", \"function\": {\"name\": \"weather\", \
            \"description\": \"What's <it> like & how?\", \"parameters\": {\"type\": \"object\", \
            \"properties\": {\"city\": {\"type\": \"string\"}, \"at\": {\"default\": 1.0}}, \
            \"required\": [\"city\"], \"empty\": {}, \"none\": null, \"yes\": true}}}\n</tools><|im_end|>\n\
            <|im_start|>user\nWeather in \"Zürich\"?<|im_end|>\n\
            <|im_start|>assistant\n<tool_call>\n{\"name\": \"weather\", \"arguments\": \
            {\"city\": \"Zürich\", \"days\": 3}}\n</tool_call><|im_end|>\n\
            <|im_start|>user\n<tool_response>\nsunny\n</tool_response>\n\
            <tool_response>\ndry\n</tool_response><|im_end|>\n\
            <|im_start|>assistant\n<think>\n\n</think>\n\n")
    );
}

#[test]
fn reasoning_of_earlier_turns_is_cut_as_the_template_says() {
    let r = request(&[("user", "a"), ("assistant", "<think>\nhm\n</think>\n\nb"), ("user", "c")]);
    let text = render(QWEN, &r).expect("renders");
    assert!(text.contains("<|im_start|>assistant\nb<|im_end|>"), "{text}");
}

#[test]
fn python_spelling() {
    let cases = [
        ("{{ true }} {{ false }} {{ none }} {{ undefined_name }}|", "True False None |"),
        ("{{ [1, 'a', none, {'k': true}] }}", "[1, 'a', None, {'k': True}]"),
        ("{{ \"it's\" }} {{ [\"it's\"] }}", "it's [\"it's\"]"),
        ("{{ ' a '.strip() }}|{{ 'xxa'.lstrip('x') }}|{{ 'a b'.title() }}|{{ 'Ab'.upper() }}", "a|a|A B|AB"),
        ("{{ 'a,b,c'.split(',')[1] }}{{ 'a-b-c'.rsplit('-', 1)[0] }}", "ba-b"),
        ("{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('c') }}{{ 'k=v'.partition('=')[2] }}", "bcabv"),
        ("{{ {'a': 1}.get('a') }}{{ {'a': 1}.get('b', 7) }}{{ {'a': 1}.get('b') is none }}", "17True"),
        ("{% for k, v in {'z': 1, 'a': 2}.items() %}{{ k }}={{ v }};{% endfor %}", "z=1;a=2;"),
        ("{{ {'b': [1, 2.5, 1e20], 'a': '<é\n>'} | tojson }}", "{\"b\": [1, 2.5, 1e+20], \"a\": \"<é\\n>\"}"),
        ("{{ {'b': [1], 'a': {}} | tojson(indent=2) }}", "{\n  \"b\": [\n    1\n  ],\n  \"a\": {}\n}"),
        ("{{ {'b': 1, 'a': 2} | tojson(sort_keys=true, separators=(',', ':')) }}", "{\"a\":2,\"b\":1}"),
        ("{{ '{} is {}'.format('a', 1) }}", "a is 1"),
        ("{% generation %}x{% endgeneration %}", "x"),
        ("a\n{% if true %}\n  b\n{% endif %}\nc", "a\n  b\nc"),
        ("    {% set x = 1 %}\n    {{ x }}\n", "    1"),
        (
            "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
            "013",
        ),
        ("{% macro f(a, b='y') %}{{ a }}{{ b }}{% endmacro %}{{ f('x') }}{{ f('x', b='z') }}", "xyxz"),
        (
            "{{ messages[-1].content }}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}",
            "q1",
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(render(source, &request(&[("user", "q")])).as_deref(), Ok(expected), "{source}");
    }
}

#[test]
fn requests_cannot_replace_what_the_template_has() {
    for name in
        ["messages", "tokenize", "chat_template", "raise_exception", "__class__", "bos_token", "range"]
    {
        let mut r = request(&[("user", "q")]);
        r.template_kwargs.insert(name.into(), json!(true));
        match render("x", &r) {
            Err(FrontendError::Invalid { param, .. }) => {
                assert_eq!(param, format!("chat_template_kwargs.{name}"));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn the_date_is_there_under_both_names_and_a_request_may_set_it() {
    let source = "{% if date_string is defined and strftime_now is defined %}{{ date_string }}, \
        {{ strftime_now('%d %b %Y') }}{% endif %}";
    let mut r = request(&[("user", "q")]);
    assert_eq!(render(source, &r).as_deref(), Ok("29 Feb 2024, 29 Feb 2024"));
    r.template_kwargs.insert("date_string".into(), json!("1 May 2020"));
    assert_eq!(render(source, &r).as_deref(), Ok("1 May 2020, 29 Feb 2024"));
}

/// A conversation of 200 messages takes a quarter of the fuel at most, in every style.
#[test]
fn two_hundred_messages_leave_three_quarters_of_the_fuel() {
    let mut r = request(&[("system", "Be brief.")]);
    for i in 0..100 {
        r.messages.push(Message::new("user", format!("question {i} ").repeat(20)));
        r.messages.push(Message::new("assistant", format!("<think>hm</think>answer {i} ").repeat(20)));
    }
    r.messages.pop();
    for source in [CHATML, LLAMA_3, GEMMA, QWEN, MISTRAL] {
        let template = ChatTemplate::new(source, tokens()).expect("compiles");
        let (text, cost) = template.render(&r, NOW).expect("renders");
        assert!(text.len() > 25_000);
        assert!(cost.fuel * 4 <= cost.budget, "{cost:?} for {}", &source[..30]);
    }
}

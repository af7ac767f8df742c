//! Clients that leave, stall, trickle or come in crowds; engines that fail; servers that are told to stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gollum_backend_toy::{Fault, FaultKind};
use gollum_server::ServerConfig;
use serde_json::{Value, json};

use crate::client::{Client, events_of};
use crate::world::{Setup, World, expected_text, wait_for};

const CHAT: &str = "/v1/chat/completions";
const COMPLETIONS: &str = "/v1/completions";

fn long_stream() -> Value {
    json!({"prompt": "time", "max_tokens": 4000, "stream": true, "use_prompt_cache": false})
}

fn send(client: &mut Client, body: &Value) {
    client.send("POST", COMPLETIONS, &[], body.to_string().as_bytes());
}

/// The value of a metric without labels.
fn metric(world: &World, name: &str) -> u64 {
    let page = world.client().get("/metrics");
    let line = page
        .text()
        .lines()
        .find(|line| line.starts_with(&format!("{name} ")))
        .expect("the metric")
        .to_owned();
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).expect("a number")
}

#[test]
fn a_client_that_leaves_frees_its_pages_in_every_phase() {
    let mut setup = Setup::default().slow(Duration::from_millis(5));
    setup.engine.max_num_seqs = 2;
    setup.engine.max_num_batched_tokens = 16;
    let world = World::start(setup);
    // Decoding, streamed.
    let mut decoding = world.client();
    send(&mut decoding, &long_stream());
    assert_eq!(decoding.head().0, 200);
    decoding.chunk().expect("some text");
    drop(decoding);
    world.wait_idle();
    // Decoding, not streamed: nothing is written until the end, so the server has to ask.
    let mut whole = world.client();
    send(&mut whole, &json!({"prompt": "time", "max_tokens": 4000}));
    wait_for("it runs", || world.engine.stats().requests_running == 1);
    drop(whole);
    world.wait_idle();
    // Prefill: 6,000 tokens at 16 a step.
    let mut prefill = world.client();
    send(&mut prefill, &json!({"prompt": "water ".repeat(6000), "max_tokens": 10, "stream": true}));
    wait_for("it is being computed", || world.engine.stats().pages_held > 2);
    drop(prefill);
    world.wait_idle();
    // Queued behind two others.
    let mut running = [world.client(), world.client()];
    for client in &mut running {
        send(client, &long_stream());
    }
    wait_for("both run", || world.engine.stats().requests_running == 2);
    for streamed in [true, false] {
        let mut queued = world.client();
        send(&mut queued, &json!({"prompt": "gold", "max_tokens": 10, "stream": streamed}));
        wait_for("it waits", || world.engine.stats().requests_waiting == 1);
        drop(queued);
        wait_for("it waits no more", || world.engine.stats().requests_waiting == 0);
        assert_eq!(world.engine.stats().requests_running, 2, "the others go on");
    }
    drop(running);
    world.wait_idle();
    let stats = world.engine.stats();
    assert_eq!((stats.finished_aborted_total, stats.failed_total), (7, 0), "{stats:?}");
    wait_for("all seven are counted", || metric(&world, "gollum_http_disconnects_total") == 7);
}

/// Sends a request, ends the input, and reads whatever comes.
fn half_closed(world: &World, version: &str, path: &str, body: &Value) -> String {
    let mut socket = TcpStream::connect(world.address).expect("accepted");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    let body = body.to_string();
    let head = format!("POST {path} {version}\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
    socket.write_all((head + &body).as_bytes()).expect("sent");
    socket.shutdown(std::net::Shutdown::Write).expect("half closed");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("the server ends the connection well");
    answer
}

#[test]
fn a_client_that_ends_its_input_gets_the_whole_answer() {
    let world = World::start(Setup::default().slow(Duration::from_millis(2)));
    let chat =
        json!({"messages": [{"role": "user", "content": "time"}], "max_tokens": 100, "temperature": 0});
    for stream in [false, true] {
        for version in ["HTTP/1.1", "HTTP/1.0"] {
            let mut body = chat.clone();
            body["stream"] = json!(stream);
            for _ in 0..10 {
                let answer = half_closed(&world, version, CHAT, &body);
                assert!(answer.starts_with(&format!("{version} 200 OK\r\n")), "{answer}");
                assert!(answer.contains("\"finish_reason\":\"length\""), "{answer}");
                assert_eq!(answer.contains("data: [DONE]"), stream);
            }
        }
    }
    world.wait_idle();
    assert_eq!(world.engine.stats().finished_aborted_total, 0);
    assert_eq!(metric(&world, "gollum_http_disconnects_total"), 0);
}

#[test]
fn an_answer_that_takes_its_time_is_preceded_by_continue_for_those_who_ended_their_input() {
    let world = World::start(Setup::default().slow(Duration::from_millis(45)));
    let slow = json!({"prompt": "time", "max_tokens": 100, "use_prompt_cache": false});
    let answer = half_closed(&world, "HTTP/1.1", COMPLETIONS, &slow);
    let (ask, rest) = answer.split_once("\r\n\r\n").expect("a head");
    assert_eq!(ask, "HTTP/1.1 100 Continue");
    assert!(
        rest.starts_with("HTTP/1.1 200 OK\r\n") && rest.contains("\"finish_reason\":\"length\""),
        "{rest}"
    );
    let older = half_closed(&world, "HTTP/1.0", COMPLETIONS, &slow);
    assert!(older.starts_with("HTTP/1.0 200 OK\r\n"), "no interim answers in HTTP/1.0: {older}");
    let mut open = world.client();
    send(&mut open, &slow);
    assert_eq!(open.head().0, 200, "nothing precedes the answer of a client whose input is open");
    assert_eq!(world.engine.stats().finished_aborted_total, 0);
}

#[test]
fn a_client_that_ended_its_input_and_leaves_later_is_noticed() {
    let world = World::start(Setup::default().slow(Duration::from_millis(5)));
    for stream in [true, false] {
        let mut client = world.client();
        send(
            &mut client,
            &json!({"prompt": "time", "max_tokens": 8000, "stream": stream, "ignore_eos": true}),
        );
        client.socket.shutdown(std::net::Shutdown::Write).expect("half closed");
        wait_for("it runs", || world.engine.stats().requests_running == 1);
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(world.engine.stats().requests_running, 1, "it is served");
        drop(client);
        world.wait_idle();
    }
    assert_eq!(world.engine.stats().finished_aborted_total, 2);
}

#[test]
fn clients_that_leave_at_once_leave_nothing_behind() {
    let world = World::start(Setup::default().slow(Duration::from_millis(2)));
    for round in 0..60 {
        let mut client = world.client();
        let body = json!({"messages": [{"role": "user", "content": "water ".repeat(round * 20)}], "stream": round % 2 == 0});
        client.send("POST", CHAT, &[], body.to_string().as_bytes());
        std::thread::sleep(Duration::from_micros(100 * round as u64));
    }
    wait_for("no generation is left", || metric(&world, "gollum_http_generations") == 0);
    world.wait_idle();
}

#[test]
fn a_hundred_and_fifty_streams_of_which_a_fifth_leave() {
    let world = World::start(Setup::default());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..150 {
            let world = &world;
            scope.spawn(move || {
                let prompt = format!("{} time {number}", "water ".repeat(number % 7));
                let mut client = world.client();
                send(
                    &mut client,
                    &json!({"prompt": prompt, "max_tokens": 60, "temperature": 0, "stream": true}),
                );
                if number % 5 == 0 {
                    client.head();
                    client.chunk();
                    return;
                }
                let events = client.reply().events();
                assert_eq!(events.iter().filter(|event| *event == "[DONE]").count(), 1);
                let text: String = events[..events.len() - 1]
                    .iter()
                    .map(|event| serde_json::from_str::<Value>(event).expect("JSON"))
                    .map(|chunk| chunk["choices"][0]["text"].as_str().expect("text").to_owned())
                    .collect();
                assert_eq!(text, expected_text(&prompt, 60), "stream {number}");
            });
        }
    });
    println!("150 streams in {:?}", start.elapsed());
    world.wait_idle();
}

#[test]
fn a_reader_that_stalls_is_dropped_and_others_do_not_notice() {
    let mut setup = Setup { send_buffer: Some(16 << 10), ..Setup::default() };
    setup.server.stall_timeout = Duration::from_millis(400);
    let world = World::start(setup);
    let mut stalled = world.client();
    let body = json!({"prompt": "time", "max_tokens": 8000, "stream": true, "logprobs": 10});
    send(&mut stalled, &body);
    let other = json!({"prompt": "gold", "max_tokens": 200, "temperature": 0});
    let value = world.client().post(COMPLETIONS, &other).json();
    assert_eq!(value["choices"][0]["text"], expected_text("gold", 200));
    wait_for("it is dropped", || metric(&world, "gollum_http_stalled_readers_total") == 1);
    world.wait_idle();
    wait_for("it is over", || metric(&world, "gollum_http_generations") == 0);
    // What was sent before is there, and then the connection has ended.
    let mut rest = Vec::new();
    let _ = stalled.socket.read_to_end(&mut rest);
    assert!(!rest.is_empty() && !String::from_utf8_lossy(&rest).contains("[DONE]"));
}

#[test]
fn a_slow_reader_that_reads_is_served_to_the_end() {
    let mut setup = Setup { send_buffer: Some(16 << 10), ..Setup::default() };
    setup.server.stall_timeout = Duration::from_millis(400);
    let world = World::start(setup);
    let mut client = world.client();
    send(&mut client, &json!({"prompt": "time", "max_tokens": 1500, "stream": true, "logprobs": 10}));
    std::thread::sleep(Duration::from_millis(250));
    let events = client.reply().events();
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    assert_eq!(metric(&world, "gollum_http_stalled_readers_total"), 0);
}

#[test]
fn connections_without_a_request_are_closed() {
    let server = ServerConfig {
        head_timeout: Duration::from_millis(300),
        idle_timeout: Duration::from_millis(1200),
        ..ServerConfig::default()
    };
    let world = World::start(Setup { server, ..Setup::default() });
    let mut idle = world.client();
    assert_eq!(idle.get("/livez").status, 200);
    let start = Instant::now();
    let mut silent: Vec<TcpStream> =
        (0..200).map(|_| TcpStream::connect(world.address).expect("accepted")).collect();
    for (number, socket) in silent.iter_mut().enumerate().skip(100) {
        socket
            .write_all(&b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx: y"[..10 + number % 30])
            .expect("sent");
    }
    assert_eq!(world.client().get("/livez").status, 200, "others are served meanwhile");
    for socket in &mut silent {
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
        assert!(matches!(socket.read(&mut [0u8; 16]), Ok(0)), "closed without a word");
    }
    let reaped = start.elapsed();
    assert!(reaped > Duration::from_millis(250) && reaped < Duration::from_secs(1), "{reaped:?}");
    assert_eq!(idle.get("/livez").status, 200, "one that had a request may stay longer");
    // A head that trickles has no more time than one that does not come.
    let mut trickle = world.client();
    assert_eq!(trickle.get("/livez").status, 200);
    let start = Instant::now();
    let closed = loop {
        if trickle.socket.write_all(b"G").is_err() || start.elapsed() > Duration::from_secs(3) {
            break start.elapsed();
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(closed < Duration::from_secs(1), "{closed:?}");
    wait_for("the idle one is closed too", || metric(&world, "gollum_http_open_connections") == 1);
}

#[test]
fn connections_beyond_the_limit_are_told_so() {
    let server = ServerConfig { max_connections: 3, ..ServerConfig::default() };
    let world = World::start(Setup { server, ..Setup::default() });
    let mut inside: Vec<Client> = (0..3).map(|_| world.client()).collect();
    for client in &mut inside {
        assert_eq!(client.get("/livez").status, 200);
    }
    let mut outside = world.client();
    outside.send("GET", "/livez", &[], b"");
    let reply = outside.reply();
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
    assert_eq!(reply.error_code(), "too_many_connections");
    assert!(outside.is_closed());
    inside.pop();
    wait_for("there is room again", || {
        let mut client = world.client();
        client.send("GET", "/livez", &[], b"");
        client.reply().status == 200
    });
}

#[test]
fn a_draining_server_finishes_what_runs_and_refuses_the_rest() {
    let mut world = World::start(Setup::default().slow(Duration::from_millis(4)));
    let mut kept_alive = world.client();
    assert_eq!(kept_alive.get("/readyz").status, 200);
    let mut running = world.client();
    send(&mut running, &json!({"prompt": "time", "max_tokens": 100, "temperature": 0, "stream": true}));
    running.head();
    world.stop();
    let stopped = Instant::now();
    wait_for("/readyz fails", || world.client().get("/readyz").status == 503);
    assert!(stopped.elapsed() < Duration::from_millis(100), "{:?}", stopped.elapsed());
    let refused = kept_alive.post(COMPLETIONS, &json!({"prompt": "time"}));
    assert_eq!((refused.status, refused.error_code().as_str()), (503, "draining"));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(world.client().get("/livez").status, 200);
    let mut text = String::new();
    while let Some(chunk) = running.chunk() {
        text += std::str::from_utf8(&chunk).expect("UTF-8");
    }
    let events = events_of(&text);
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    assert!(!text.contains("\"error\""), "it had time to finish");
    world.wait_ended(Duration::from_secs(3));
    assert!(TcpStream::connect(world.address).is_err(), "nobody listens");
}

#[test]
fn a_request_that_waits_for_its_model_gets_the_drain_time_too() {
    let mut world = World::start(Setup::default());
    let body = json!({"model": "slow", "prompt": "time", "max_tokens": 8, "temperature": 0});
    let mut waiting = world.client();
    send(&mut waiting, &body);
    wait_for("it is in", || metric(&world, "gollum_http_generations") == 1);
    world.stop();
    wait_for("/readyz fails", || world.client().get("/readyz").status == 503);
    assert_eq!(world.client().post(COMPLETIONS, &body).status, 503, "one that comes later is refused");
    let reply = waiting.reply();
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["choices"][0]["text"], expected_text("time", 8));
    world.wait_ended(Duration::from_secs(3));

    let mut setup = Setup::default();
    setup.server.drain_timeout = Duration::from_millis(200);
    let mut world = World::start(setup);
    let mut waiting = world.client();
    send(&mut waiting, &body);
    wait_for("it is in", || metric(&world, "gollum_http_generations") == 1);
    world.stop();
    let reply = waiting.reply();
    assert_eq!((reply.status, reply.error_code().as_str()), (503, "draining"), "and no more than that");
}

#[test]
fn what_outlives_the_drain_gets_a_last_event() {
    let mut setup = Setup::default().slow(Duration::from_millis(5));
    setup.server.drain_timeout = Duration::from_millis(300);
    let mut world = World::start(setup);
    let mut streams: Vec<Client> = (0..8).map(|_| world.client()).collect();
    for client in &mut streams {
        send(client, &long_stream());
        client.head();
    }
    let mut whole = world.client();
    send(&mut whole, &json!({"prompt": "gold", "max_tokens": 4000}));
    wait_for("all run", || world.engine.stats().requests_running == 9);
    let stopped = Instant::now();
    world.stop();
    for client in &mut streams {
        let mut text = String::new();
        while let Some(chunk) = client.chunk() {
            text += std::str::from_utf8(&chunk).expect("UTF-8");
        }
        let events = events_of(&text);
        let [before @ .., error, done] = &events[..] else { panic!("{events:?}") };
        assert_eq!(done, "[DONE]");
        let error: Value = serde_json::from_str(error).expect("JSON");
        assert_eq!(error["error"]["code"], "draining");
        assert!(before.iter().all(|event| !event.contains("\"error\"") && event != "[DONE]"));
    }
    let reply = whole.reply();
    assert_eq!((reply.status, reply.error_code().as_str()), (503, "draining"));
    world.wait_ended(Duration::from_secs(2));
    assert!(stopped.elapsed() < Duration::from_millis(1300), "{:?}", stopped.elapsed());
}

#[test]
fn a_failure_ends_a_stream_with_an_error_and_done_and_the_others_go_on() {
    let mut setup = Setup::default().slow(Duration::from_millis(5));
    setup.toy.faults = vec![
        Fault { step: 10, kind: FaultKind::NanRow(0) },
        Fault { step: 400, kind: FaultKind::Error },
        Fault { step: 401, kind: FaultKind::Error },
    ];
    let world = World::start(setup);
    let mut clients = [world.client(), world.client()];
    for client in &mut clients {
        send(client, &json!({"prompt": "time", "max_tokens": 40, "stream": true, "use_prompt_cache": false}));
    }
    let mut failed = 0;
    for client in &mut clients {
        let events = client.reply().events();
        assert_eq!(events.iter().filter(|event| *event == "[DONE]").count(), 1);
        assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
        let errors: Vec<&String> = events.iter().filter(|event| event.contains("\"error\":{")).collect();
        let finished = events.iter().filter(|event| event.contains("\"finish_reason\":\"length\"")).count();
        assert_eq!(errors.len() + finished, 1, "one end: {events:?}");
        if let Some(error) = errors.first() {
            assert!(error.contains("numeric_error"), "{error}");
            failed += 1;
        }
    }
    assert_eq!(failed, 1, "only the one with NaN");
    assert_eq!(world.client().get("/readyz").status, 200);
    world.wait_idle();
}

#[test]
fn an_engine_that_panics_fails_its_requests_and_the_probe() {
    let mut setup = Setup::default().slow(Duration::from_millis(5));
    setup.toy.faults = vec![Fault { step: 10, kind: FaultKind::Panic }];
    let world = World::start(setup);
    let mut streamed = world.client();
    send(&mut streamed, &long_stream());
    let mut whole = world.client();
    send(&mut whole, &json!({"prompt": "gold", "max_tokens": 4000}));
    let events = streamed.reply().events();
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    assert!(events[events.len() - 2].contains("engine_stopped"), "{events:?}");
    let reply = whole.reply();
    assert_eq!((reply.status, reply.error_code().as_str()), (503, "engine_stopped"));
    assert_eq!(world.client().get("/readyz").status, 503);
    assert_eq!(world.client().get("/livez").status, 200);
    assert_eq!(world.client().post(COMPLETIONS, &json!({"prompt": "time"})).status, 503);
}

#[test]
fn probes_and_metrics_answer_quickly_while_streams_run() {
    let world = World::start(Setup::default().slow(Duration::from_millis(1)));
    let mut streams: Vec<Client> = (0..32).map(|_| world.client()).collect();
    for client in &mut streams {
        send(
            client,
            &json!({"prompt": "time", "max_tokens": 500, "stream": true, "use_prompt_cache": false}),
        );
    }
    let large = json!({"messages": [{"role": "user", "content": "water ".repeat(1_000_000)}]}).to_string();
    let mut heavy = world.client();
    heavy.send("POST", CHAT, &[], large.as_bytes());
    let mut client = world.client();
    let mut times = |path: &str, count: usize| {
        let mut times: Vec<Duration> = (0..count)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(client.get(path).status, 200);
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        times[count * 99 / 100]
    };
    let (live, ready, metrics) = (times("/livez", 200), times("/readyz", 200), times("/metrics", 100));
    println!("p99 beside 32 streams and a 6 MB chat: livez {live:?}, readyz {ready:?}, metrics {metrics:?}");
    // The bounds are 10 and 50 ms on a quiet machine; tests share theirs.
    assert!(live < Duration::from_millis(100) && ready < Duration::from_millis(100), "{live:?} {ready:?}");
    assert!(metrics < Duration::from_millis(200), "{metrics:?}");
    assert_eq!(heavy.reply().status, 400);
}

/// Set in the child that is short of descriptors.
const CHILD: &str = "GOLLUM_TEST_FEW_DESCRIPTORS";

#[test]
fn a_process_out_of_descriptors_serves_again() {
    if std::env::var_os(CHILD).is_some() {
        let world = World::start(Setup::default());
        println!("address {}", world.address);
        // The parent closes our input when it is done.
        let _ = std::io::stdin().read(&mut [0u8; 1]);
        return;
    }
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -n 64; exec \"$0\" --exact lifecycle::a_process_out_of_descriptors_serves_again --nocapture"])
        .arg(std::env::current_exe().expect("this test's path"))
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let address = loop {
        let mut line = String::new();
        assert!(output.read_line(&mut line).expect("text") > 0, "the child ended");
        if let Some((_, address)) = line.trim_end().split_once("address ") {
            break address.parse().expect("an address");
        }
    };
    let many: Vec<TcpStream> = (0..500).filter_map(|_| TcpStream::connect(address).ok()).collect();
    assert!(many.len() > 64, "{} connections", many.len());
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().expect("a child").is_none(), "the server lives");
    drop(many);
    let released = Instant::now();
    let mut client = Client::connect(address);
    assert_eq!(client.get("/livez").status, 200);
    assert!(released.elapsed() < Duration::from_secs(2), "{:?}", released.elapsed());
    let page = client.get("/metrics");
    let errors = page.text().lines().find_map(|line| line.strip_prefix("gollum_http_accept_errors_total "));
    assert!(errors.expect("the metric").parse::<u64>().expect("a number") > 0, "it was short of descriptors");
    println!("served {:?} after 500 connections at 64 descriptors were released", released.elapsed());
    drop(child.stdin.take());
    // The child still has its test's result to tell.
    output.read_to_end(&mut Vec::new()).expect("the rest");
    assert!(child.wait().expect("a child").success());
}

//! `gollum serve`: listen, answer, and on a signal finish what runs.

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use gollum_frontend::{Capability, ModelHost, SpecialText};
use gollum_server::{ServerConfig, SpanSink};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::advice;
use crate::cli::{NetArgs, ServeArgs};
use crate::load::TOY_ID;
use crate::machine;
use crate::observe::{self, Exporter};
use crate::registry::{Registry, SWEEP_EVERY};

/// Threads of the event loop; they move bytes, and the model's threads compute.
const EVENT_LOOP_THREADS: usize = 2;
/// Bytes of a key file at most.
const KEY_FILE_MAX_BYTES: u64 = 1 << 20;
/// Characters of an API key at least; shorter ones are a mistake.
const KEY_MIN_CHARS: usize = 8;
/// Time beyond the drain deadline that streams get to write their last event.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Runs the verb until a signal ends it.
pub fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    if let Some(config) = &args.config {
        tracing::info!("settings from {}", config.display());
    }
    let doors = doors(&args.net)?;
    let api_keys = api_keys(&args.net)?;
    check_exposure(&args.net, &doors, &api_keys)?;
    let registry = Arc::new(Registry::new(args)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(EVENT_LOOP_THREADS)
        .thread_name("gollum-http")
        .enable_all()
        .build()
        .context("cannot start the event loop")?;
    let outcome = runtime.block_on(listen(args, doors, api_keys, Arc::clone(&registry)));
    // Blocking workers may still be loading a model; nobody waits for it any more.
    runtime.shutdown_background();
    outcome
}

async fn listen(
    args: &ServeArgs,
    doors: Vec<Door>,
    api_keys: Vec<String>,
    registry: Arc<Registry>,
) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(false);
    watch_signals(stop.clone())?;
    let listeners = bind(doors).await?;
    let addresses = listeners.iter().map(TcpListener::local_addr).collect::<Result<Vec<_>, _>>();
    greet(&addresses.context("a socket has no address")?, &registry)?;
    let is_loopback = listeners.iter().all(|l| l.local_addr().is_ok_and(|a| a.ip().is_loopback()));
    let first = args.model.is_some().then(|| load_first(Arc::clone(&registry), stop));
    let config = ServerConfig {
        api_keys,
        insecure: args.net.insecure,
        allowed_hosts: args.net.allowed_host.clone(),
        trusted_proxies: args.net.trusted_proxy.clone(),
        cors_origins: args.net.cors_origin.clone(),
        base_path: args.net.base_path.clone(),
        content_text: content_text(args.net.special_in_content),
        drain_timeout: Duration::from_secs(args.drain_seconds),
        spans: spans(args)?,
        profiler: (is_loopback || args.pprof).then_some(observe::profile),
        ..ServerConfig::default()
    };
    let sweeping = Arc::clone(&registry);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            let registry = Arc::clone(&sweeping);
            if tokio::task::spawn_blocking(move || registry.sweep()).await.is_err() {
                return;
            }
        }
    });
    let mut until = stopped.clone();
    let shutdown = async move {
        // The sender lives in the signal task, which never ends before it has sent.
        let _ = until.wait_for(|stop| *stop).await;
    };
    let host: Arc<dyn ModelHost> = Arc::clone(&registry) as Arc<dyn ModelHost>;
    let served = gollum_server::serve(listeners, host, config, shutdown).await.context("the server failed");
    // What was let in has ended; this is for a model that is loaded in vain.
    registry.drain(LAST_WORDS);
    let waiting = Arc::clone(&registry);
    tokio::task::spawn_blocking(move || waiting.wait_stopped(LAST_WORDS * 2))
        .await
        .context("the drain failed")?;
    tracing::info!("stopped");
    if let Some(first) = first
        && first.is_finished()
    {
        first.await.context("loading the model failed")??;
    }
    served
}

/// Where traces go, if anywhere.
fn spans(args: &ServeArgs) -> anyhow::Result<Option<Arc<dyn SpanSink>>> {
    let Some(endpoint) = &args.otlp_endpoint else { return Ok(None) };
    Ok(Some(Arc::new(Exporter::start(endpoint)?)))
}

/// Loads `--model` while the server listens already, so that probes see `not ready` rather than nothing. A
/// model that cannot be loaded ends the process: the operator asked for it by name.
fn load_first(
    registry: Arc<Registry>,
    stop: watch::Sender<bool>,
) -> tokio::task::JoinHandle<anyhow::Result<()>> {
    tokio::task::spawn_blocking(move || {
        let outcome = registry.get(None).map(|_| ());
        if let Err(gollum_frontend::HostError::Busy) = outcome {
            return Ok(());
        }
        outcome.map_err(|e| {
            let _ = stop.send(true);
            e.into()
        })
    })
}

/// First signal: refuse new requests and let the running ones finish. Second: leave now.
fn watch_signals(stop: watch::Sender<bool>) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot watch SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot watch SIGINT")?;
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        next().await;
        tracing::info!("stopping: running requests may finish; a second signal ends at once");
        let _ = stop.send(true);
        next().await;
        leave_now();
    });
    Ok(())
}

/// The second signal: whatever still runs is cut off, as asked.
#[allow(clippy::exit)]
fn leave_now() {
    std::process::exit(0);
}

/// What a person sees at the start, on stdout: the address, the models, and how to get a real one.
fn greet(addresses: &[SocketAddr], registry: &Registry) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let address = addresses.first().context("there is no address to listen on")?;
    let others: String =
        addresses[1..].iter().map(|other| format!("        and on http://{other}\n")).collect();
    let models = registry.models();
    let ids: Vec<&str> = models.iter().map(|found| found.id.as_str()).collect();
    let example = ids.first().unwrap_or(&TOY_ID);
    let capabilities = models.first().map(|found| registry.capabilities(found)).unwrap_or_default();
    let (path, body) = match capabilities.first() {
        Some(Capability::Embedding) => ("embeddings", "\"input\":\"Hello!\""),
        Some(Capability::Rerank) => ("rerank", "\"query\":\"a greeting\",\"documents\":[\"Hello!\",\"42\"]"),
        _ => ("chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]"),
    };
    let text = format!(
        "GoLLuM {} listens on http://{address}\n{others}models: {}\n\
         try:    curl http://{address}/v1/{path} -H 'content-type: application/json' \\\n        \
         -d '{{\"model\":\"{example}\",{body}}}'\n",
        env!("CARGO_PKG_VERSION"),
        ids.join(", "),
    );
    out.write_all(text.as_bytes()).context("cannot write to stdout")?;
    out.write_all(advice::better_models(&models, machine::free_bytes()).as_bytes())
        .context("cannot write to stdout")?;
    out.flush().context("cannot write to stdout")
}

/// How `--special-in-content` has control tokens' text in messages read.
fn content_text(special_in_content: bool) -> SpecialText {
    if special_in_content { SpecialText::Parse } else { SpecialText::Literal }
}

/// One `--host`, and where it is.
struct Door {
    host: String,
    /// More than one for a name such as `localhost`, of which one that can be had is enough.
    addresses: Vec<SocketAddr>,
}

/// Looks up where to listen. Errors: a port or a host that is none.
fn doors(net: &NetArgs) -> anyhow::Result<Vec<Door>> {
    let mut seen: Vec<SocketAddr> = Vec::new();
    let mut doors = Vec::with_capacity(net.host.len());
    for host in &net.host {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let found = (name, net.port)
            .to_socket_addrs()
            .with_context(|| format!("--host {host}: neither an address nor a name that can be looked up"))?;
        let mut addresses: Vec<SocketAddr> = found.collect();
        addresses.retain(|address| !seen.contains(address));
        addresses.dedup();
        seen.extend(&addresses);
        if !addresses.is_empty() {
            doors.push(Door { host: host.clone(), addresses });
        }
    }
    Ok(doors)
}

/// Opens the sockets. With port 0 all get the port that the first was given. Errors: a host of which no address can
/// be had.
async fn bind(doors: Vec<Door>) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    for Door { host, addresses } in doors {
        let before = listeners.len();
        let mut failure = None;
        for mut address in addresses {
            if address.port() == 0
                && let Some(first) = listeners.first()
            {
                address.set_port(first.local_addr().context("the socket has no address")?.port());
            }
            match TcpListener::bind(address).await {
                Ok(listener) => listeners.push(listener),
                Err(error) => {
                    failure = Some(anyhow::Error::new(error).context(format!("cannot listen on {address}")));
                }
            }
        }
        match failure {
            Some(failure) if listeners.len() == before => return Err(failure),
            Some(failure) => tracing::warn!(host, "{failure:#}; listening on the name's other addresses"),
            None => {}
        }
    }
    Ok(listeners)
}

fn api_keys(net: &NetArgs) -> anyhow::Result<Vec<String>> {
    let mut keys = net.api_key.clone();
    if let Some(path) = &net.api_key_file {
        keys.extend(read_keys(path)?);
        if keys.is_empty() {
            bail!("{} holds no key", path.display());
        }
    }
    if keys.iter().any(|k| k.chars().count() < KEY_MIN_CHARS || k.chars().any(|c| !c.is_ascii_graphic())) {
        bail!("an API key must have at least {KEY_MIN_CHARS} printable ASCII characters and no space");
    }
    Ok(keys)
}

fn read_keys(path: &Path) -> anyhow::Result<Vec<String>> {
    let describe = || format!("cannot read the keys in {}", path.display());
    if path.metadata().with_context(describe)?.len() > KEY_FILE_MAX_BYTES {
        bail!("{} is too long to be a list of keys", path.display());
    }
    let text = std::fs::read_to_string(path).with_context(describe)?;
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

fn check_exposure(net: &NetArgs, doors: &[Door], api_keys: &[String]) -> anyhow::Result<()> {
    let is_open = |door: &&Door| door.addresses.iter().any(|address| !address.ip().is_loopback());
    match doors.iter().find(is_open) {
        Some(door) if api_keys.is_empty() && !net.insecure => bail!(
            "{} can be reached by others: give --api-key, or --insecure if that is what you want",
            door.host
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TempDir;

    fn net(host: &str, keys: &[&str], insecure: bool) -> NetArgs {
        NetArgs {
            host: vec![host.to_owned()],
            port: 0,
            api_key: keys.iter().map(|k| (*k).to_owned()).collect(),
            api_key_file: None,
            insecure,
            allowed_host: Vec::new(),
            cors_origin: Vec::new(),
            trusted_proxy: Vec::new(),
            base_path: String::new(),
            special_in_content: false,
        }
    }

    #[test]
    fn an_open_address_needs_a_key() {
        let check = |host, keys: &[&str], insecure, fine| {
            let net = net(host, keys, insecure);
            let doors = doors(&net).expect("addresses");
            let outcome = api_keys(&net).and_then(|keys| check_exposure(&net, &doors, &keys));
            assert_eq!(outcome.is_ok(), fine, "{host} {keys:?} {insecure}");
        };
        check("127.0.0.1", &[], false, true);
        check("::1", &[], false, true);
        check("[::1]", &[], false, true);
        check("localhost", &[], false, true);
        check("127.5.5.5", &[], false, true);
        check("0.0.0.0", &[], false, false);
        check("::", &[], false, false);
        check("192.0.2.1", &[], false, false);
        check("0.0.0.0", &["long-enough"], false, true);
        check("0.0.0.0", &["short"], false, false);
        check("0.0.0.0", &["with space in it"], false, false);
        check("0.0.0.0", &[], true, true);
    }

    #[test]
    fn names_and_several_hosts_are_listened_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut net = net("localhost", &[], false);
        net.host.extend(["127.0.0.2".to_owned(), "127.0.0.2".to_owned()]);
        net.port = 0;
        let listeners = runtime.block_on(bind(doors(&net).expect("addresses"))).expect("sockets");
        let addresses: Vec<SocketAddr> =
            listeners.iter().map(|l| l.local_addr().expect("an address")).collect();
        assert!((2..=3).contains(&addresses.len()), "{addresses:?}");
        assert!(addresses.iter().all(|a| a.ip().is_loopback() && a.port() == addresses[0].port()));
        net.host = vec!["no such host".to_owned()];
        assert!(doors(&net).is_err());
    }

    #[test]
    fn keys_come_from_a_file_too() {
        let dir = TempDir::new();
        let path = dir.write("keys", b"# ours\n first-key \n\nsecond-key\n");
        let net = NetArgs { api_key_file: Some(path), ..net("0.0.0.0", &[], false) };
        assert_eq!(api_keys(&net).expect("it can be read"), ["first-key", "second-key"]);
    }
}

//! A server on its own runtime with toy models behind it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use gollum_backend_toy::{ToyConfig, ToyModel, ToyRunner};
use gollum_core::{ModelRunner, SamplingParams, TokenId};
use gollum_engine::{Engine, EngineConfig, EngineHandle};
use gollum_frontend::{Frontend, FrontendParts, HostError, ModelCard, ModelHost, ModelState};
use gollum_server::{ServerConfig, ServerError};
use gollum_tokenizer::{SpecialText, Tokenizer, WhitespaceTokenizer};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;

/// What a test may want different.
pub struct Setup {
    pub toy: ToyConfig,
    pub engine: EngineConfig,
    pub server: ServerConfig,
    /// Bytes of the kernel's send buffer per connection; small ones show a slow reader early.
    pub send_buffer: Option<u32>,
}

impl Default for Setup {
    fn default() -> Self {
        let tokenizer = WhitespaceTokenizer::new();
        let mut toy = ToyConfig::plain(tokenizer.vocab_size());
        toy.model = model(&tokenizer);
        Self {
            toy,
            engine: EngineConfig { kv_pages: 2048, ..EngineConfig::default() },
            server: ServerConfig { drain_timeout: Duration::from_secs(5), ..ServerConfig::default() },
            send_buffer: None,
        }
    }
}

impl Setup {
    /// Each step takes this long.
    pub fn slow(mut self, step: Duration) -> Self {
        self.toy.step_delay = step;
        self
    }
}

/// Answers with words, and never ends.
fn model(tokenizer: &WhitespaceTokenizer) -> ToyModel {
    ToyModel { vocab_size: tokenizer.vocab_size(), answers: 0..tokenizer.word_count() as TokenId, end: None }
}

/// The text that continues `prompt` greedily.
pub fn expected_text(prompt: &str, tokens: usize) -> String {
    let tokenizer = WhitespaceTokenizer::new();
    let ids = tokenizer.encode(prompt, SpecialText::Parse);
    let answer = model(&tokenizer).oracle(&ids, tokens);
    String::from_utf8(tokenizer.decode(&answer)).expect("words are UTF-8")
}

pub struct World {
    pub address: SocketAddr,
    pub engine: EngineHandle,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), ServerError>>,
    runtime: tokio::runtime::Runtime,
}

/// Time that the model `slow` takes to load.
pub const SLOW_LOAD: Duration = Duration::from_millis(800);

/// How far the model `arriving` is at each look at the list. It is loaded once somebody has seen all of them.
pub const ARRIVING: [f32; 4] = [0.0, 0.25, 0.75, 1.0];

struct Host {
    models: Vec<Arc<Frontend>>,
    /// Looks at the list since `arriving` was asked for.
    looks: Mutex<Option<usize>>,
}

impl Host {
    fn looks(&self) -> MutexGuard<'_, Option<usize>> {
        self.looks.lock().expect("nobody panics with it")
    }
}

impl ModelHost for Host {
    fn list(&self) -> Vec<ModelCard> {
        let card = |frontend: &Arc<Frontend>| ModelCard {
            id: frontend.model_id().to_owned(),
            aliases: Vec::new(),
            created_unix: 1_700_000_000,
            state: ModelState::Loaded,
            expires_unix: None,
            bytes: 0,
            max_model_len: Some(frontend.engine().limits().max_model_len),
            capabilities: frontend.capabilities(),
            about: None,
            default_sampling: frontend.default_sampling().clone(),
        };
        let mut cards: Vec<ModelCard> = self.models.iter().map(card).collect();
        if let Some(looks) = &mut *self.looks()
            && let Some(&progress) = ARRIVING.get(*looks)
        {
            *looks += 1;
            let state = ModelState::Loading { progress };
            cards.push(ModelCard { id: "arriving".to_owned(), state, ..cards[0].clone() });
        }
        cards
    }

    fn get(&self, id: Option<&str>) -> Result<Arc<Frontend>, HostError> {
        match id {
            None => Ok(Arc::clone(&self.models[0])),
            Some("busy") => Err(HostError::Busy),
            Some("slow") => {
                std::thread::sleep(SLOW_LOAD);
                Ok(Arc::clone(&self.models[0]))
            }
            Some("arriving") => {
                *self.looks() = Some(0);
                wait_for("somebody to look at all of its way", || *self.looks() == Some(ARRIVING.len()));
                Ok(Arc::clone(&self.models[0]))
            }
            Some("broken") => Err(HostError::Load { id: "broken".into(), message: "no such tensor".into() }),
            Some(id) => {
                self.models.iter().find(|frontend| frontend.model_id() == id).cloned().ok_or_else(|| {
                    let available =
                        self.models.iter().map(|frontend| frontend.model_id().to_owned()).collect();
                    HostError::NotFound { id: id.to_owned(), available }
                })
            }
        }
    }

    fn loaded(&self) -> Vec<Arc<Frontend>> {
        self.models.clone()
    }
}

impl World {
    pub fn start(setup: Setup) -> Self {
        let runner = Box::new(ToyRunner::new(setup.toy.clone()));
        Self::with_runner(runner, setup, "toy-1")
    }

    /// A server with another model than the toy.
    pub fn with_runner(runner: Box<dyn ModelRunner>, setup: Setup, model_id: &str) -> Self {
        Self::with_template(runner, setup, model_id, None)
    }

    /// The same with a template of its own.
    pub fn with_template(
        runner: Box<dyn ModelRunner>,
        setup: Setup,
        model_id: &str,
        chat_template: Option<String>,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        let engine = Engine::start(runner, setup.engine).expect("the model starts");
        let parts = FrontendParts {
            model_id: model_id.into(),
            tokenizer: Arc::new(WhitespaceTokenizer::new()),
            chat_template,
            architecture: "toy".into(),
            engine: engine.clone(),
            default_sampling: SamplingParams { temperature: 0.0, ..SamplingParams::default() },
        };
        let models = vec![Arc::new(Frontend::new(parts).expect("a valid frontend"))];
        let host = Arc::new(Host { models, looks: Mutex::new(None) });
        let listener = runtime.block_on(async { listener(setup.send_buffer) });
        let address = listener.local_addr().expect("bound");
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let serving = runtime.spawn(gollum_server::serve(vec![listener], host, setup.server, shutdown));
        Self { address, engine, stop: Some(stop), serving, runtime }
    }

    pub fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// Tells the server to stop; it drains from now on.
    pub fn stop(&mut self) {
        self.stop.take().expect("stopped once").send(()).expect("the server runs");
    }

    /// Waits for the server to have ended.
    pub fn wait_ended(&mut self, patience: Duration) {
        let serving = &mut self.serving;
        let ended = self.runtime.block_on(async { tokio::time::timeout(patience, serving).await });
        ended.expect("the server ends in time").expect("no panic").expect("no error");
    }

    /// Waits until no request runs or waits and no page is held.
    pub fn wait_idle(&self) {
        let stats = || self.engine.stats();
        wait_for("no page held, nothing running", || {
            let stats = stats();
            stats.pages_held == 0 && stats.requests_running == 0 && stats.requests_waiting == 0
        });
        let stats = stats();
        assert_eq!(stats.pages_free + stats.pages_cached, stats.pages_total, "{stats:?}");
    }
}

fn listener(send_buffer: Option<u32>) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    if let Some(bytes) = send_buffer {
        socket.set_send_buffer_size(bytes).expect("a buffer size");
    }
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("bound");
    socket.listen(1024).expect("listening")
}

/// Waits up to 10 s for something to become true.
pub fn wait_for(what: &str, mut is_true: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < Duration::from_secs(10), "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A host without models.
pub struct NoModels;

impl ModelHost for NoModels {
    fn list(&self) -> Vec<ModelCard> {
        Vec::new()
    }

    fn get(&self, id: Option<&str>) -> Result<Arc<Frontend>, HostError> {
        Err(HostError::NotFound { id: id.unwrap_or_default().to_owned(), available: Vec::new() })
    }

    fn loaded(&self) -> Vec<Arc<Frontend>> {
        Vec::new()
    }
}

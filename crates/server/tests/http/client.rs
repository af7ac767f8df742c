//! An HTTP/1.1 client that shows every byte: what a server sends is what a test sees.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// One connection.
pub struct Client {
    pub socket: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
}

/// One whole answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The error's `param`, after checking that the error has OpenAI's shape.
    pub fn error_param(&self) -> Option<String> {
        let value = self.json();
        let error = value["error"].as_object().unwrap_or_else(|| panic!("no error in {value}"));
        let mut keys: Vec<&str> = error.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["code", "message", "param", "type"], "{value}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{value}");
        assert!(error["type"].is_string(), "{value}");
        error["param"].as_str().map(str::to_owned)
    }

    pub fn error_code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The data of each event of a stream that was read to its end.
    pub fn events(&self) -> Vec<String> {
        events_of(self.text())
    }
}

/// The data of each event in `text`; comments are left out. Every line must be one or the other.
pub fn events_of(text: &str) -> Vec<String> {
    let mut events = Vec::new();
    for event in text.split_terminator("\n\n") {
        match event.strip_prefix("data: ") {
            Some(data) => {
                assert!(!data.contains('\n'), "an event of several lines: {event:?}");
                events.push(data.to_owned());
            }
            None => assert!(event.starts_with(':'), "neither data nor a comment: {event:?}"),
        }
    }
    events
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).expect("the server accepts");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
        socket.set_nodelay(true).expect("nodelay can be set");
        Self { socket, address, buffer: Vec::new() }
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.request("POST", path, &[], body.to_string().as_bytes())
    }

    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.send(method, path, headers, body);
        self.reply()
    }

    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head += &format!("host: {}\r\n", self.address);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            head += &format!("content-length: {}\r\n", body.len());
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        self.socket.write_all(&bytes).expect("the server reads");
    }

    /// One whole answer.
    pub fn reply(&mut self) -> Reply {
        let (status, headers) = self.head();
        let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let mut body = Vec::new();
        if let Some(length) = header("content-length") {
            let length: usize = length.parse().expect("a length");
            body = self.take(length);
        } else if header("transfer-encoding").as_deref() == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                body.extend(chunk);
            }
        }
        Reply { status, headers, body }
    }

    /// Status and headers of the next answer, names in lower case.
    pub fn head(&mut self) -> (u16, Vec<(String, String)>) {
        let head = String::from_utf8(self.until(b"\r\n\r\n")).expect("a head is ASCII");
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers = lines
            .map(|line| line.split_once(": ").expect("a header"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        (status.parse().expect("a status"), headers)
    }

    /// The next chunk of a chunked body; `None` at its end.
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let line = String::from_utf8(self.until(b"\r\n")).expect("a chunk's size is ASCII");
        let length = usize::from_str_radix(line.trim_end(), 16).expect("a chunk's size");
        let chunk = self.take(length);
        assert_eq!(self.take(2), b"\r\n", "after a chunk");
        (length > 0).then_some(chunk)
    }

    /// True if the server closes the connection without another byte.
    pub fn is_closed(&mut self) -> bool {
        self.buffer.is_empty() && matches!(self.socket.read(&mut [0u8; 64]), Ok(0) | Err(_))
    }

    fn until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.buffer.windows(end.len()).position(|window| window == end) {
                return self.buffer.drain(..at + end.len()).collect();
            }
            self.more();
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length {
            self.more();
        }
        self.buffer.drain(..length).collect()
    }

    fn more(&mut self) {
        let mut bytes = [0u8; 16 << 10];
        let count = self.socket.read(&mut bytes).expect("the server answers in time");
        assert!(count > 0, "the server closed early, after {:?}", String::from_utf8_lossy(&self.buffer));
        self.buffer.extend_from_slice(&bytes[..count]);
    }
}

//! Reading request bodies within bounds of bytes and time, one client's and all clients' together.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::app::App;
use crate::error::ApiError;

/// Bytes read and thrown away after a body proved too long, so that its sender gets to read the 413.
const MAX_DISCARDED_BYTES: usize = 32 << 20;

/// A complete body. Its share of the bytes in flight is returned when this is dropped.
pub struct ReadBody {
    bytes: Vec<u8>,
    _share: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for ReadBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body.
///
/// Errors: 408, 413, 415, 503 when too many bodies are held, 400 when the client breaks off.
pub async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<ReadBody, ApiError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(ApiError::encoded_body());
    }
    let limit = app.config.max_body_bytes;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut stream = body.into_data_stream();
    let patience = app.config.body_timeout;
    let reading = async {
        if announced.is_some_and(|bytes: usize| bytes > limit) {
            discard(headers, &mut stream).await;
            return Err(ApiError::body_too_large(limit));
        }
        let mut read = ReadBody { bytes: Vec::new(), _share: None };
        while let Some(chunk) = next(&mut stream).await {
            let chunk = chunk.map_err(|_| ApiError::malformed("the request body broke off"))?;
            if read.bytes.len() + chunk.len() > limit {
                discard(headers, &mut stream).await;
                return Err(ApiError::body_too_large(limit));
            }
            read.take_share(&app.body_bytes, chunk.len())?;
            read.bytes.extend_from_slice(&chunk);
        }
        Ok(read)
    };
    timeout(patience, reading).await.unwrap_or_else(|_| Err(ApiError::body_timeout(patience.as_secs())))
}

impl ReadBody {
    fn take_share(&mut self, all: &Arc<Semaphore>, bytes: usize) -> Result<(), ApiError> {
        let bytes = u32::try_from(bytes).map_err(|_| ApiError::internal("a chunk beyond 4 GiB"))?;
        let more = Arc::clone(all)
            .try_acquire_many_owned(bytes)
            .map_err(|_| ApiError::overloaded("too many request bodies at once"))?;
        match &mut self._share {
            Some(share) => share.merge(more),
            share => *share = Some(more),
        }
        Ok(())
    }
}

async fn next(stream: &mut BodyDataStream) -> Option<Result<Bytes, axum::Error>> {
    std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

async fn discard(headers: &HeaderMap, stream: &mut BodyDataStream) {
    // Who asked first (`Expect: 100-continue`) has not sent anything yet, and will not.
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let mut left = MAX_DISCARDED_BYTES;
    while let Some(Ok(chunk)) = next(stream).await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

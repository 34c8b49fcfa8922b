//! A relay before a service over plain HTTP that counts the requests that pass and changes nothing: for S3, whose answers
//! the proxy of the table (`chaos`) would not carry.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How the first line of a request ends.
const LINE_END: &[u8] = b" HTTP/1.1\r\n";

/// A relay, and how many requests passed it.
#[derive(Debug)]
pub struct Counted {
    endpoint: String,
    requests: Arc<AtomicUsize>,
    relay: JoinHandle<()>,
}

impl Counted {
    /// Starts a relay in front of an endpoint, such as `http://127.0.0.1:4566`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn in_front_of(endpoint: &str) -> io::Result<Self> {
        let upstream = endpoint.split("://").last().unwrap_or_default().trim_end_matches('/').to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        let relay = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let (upstream, counter) = (upstream.clone(), Arc::clone(&counter));
                tokio::spawn(async move { pass(caller, &upstream, &counter).await });
            }
        });
        Ok(Self { endpoint, requests, relay })
    }

    /// Its own endpoint, for `AWS_ENDPOINT_URL_S3`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many requests passed since this was asked last.
    #[must_use]
    pub fn take(&self) -> usize {
        self.requests.swap(0, Ordering::SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

/// Carries one connection. A request is counted before it goes on, so before its answer.
async fn pass(caller: TcpStream, upstream: &str, counter: &AtomicUsize) -> io::Result<()> {
    let (mut from_caller, mut to_caller) = caller.into_split();
    let (mut from_upstream, mut to_upstream) = TcpStream::connect(upstream).await?.into_split();
    let asked = async {
        let mut buffer = vec![0; 64 * 1024];
        // The end of what was read before: the line end may come in two pieces.
        let mut seen: Vec<u8> = Vec::new();
        loop {
            let length = from_caller.read(&mut buffer).await?;
            let read = buffer.get(..length).unwrap_or_default();
            if read.is_empty() {
                return to_upstream.shutdown().await;
            }
            seen.extend_from_slice(read);
            let requests = seen.windows(LINE_END.len()).filter(|window| *window == LINE_END).count();
            counter.fetch_add(requests, Ordering::SeqCst);
            seen.drain(..seen.len().saturating_sub(LINE_END.len() - 1));
            to_upstream.write_all(read).await?;
        }
    };
    let answered = async {
        tokio::io::copy(&mut from_upstream, &mut to_caller).await?;
        to_caller.shutdown().await
    };
    tokio::try_join!(asked, answered)?;
    Ok(())
}

//! HTTP/1.1 servers for the test kit's stand-ins (Runtime API, chaos proxy, payment provider).
//!
//! Unlike an ordinary server these can hang up: a handler may answer [`Reply::HangUp`], and the
//! peer sees its connection reset with no reply at all, which is what a lost reply looks like on
//! the wire. They listen on the loopback address only, and know nothing of what they serve.

use std::{
    convert::Infallible,
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
    server::TlsStream,
};

/// A request, its body received.
pub type Request = hyper::Request<Bytes>;

/// Why a stand-in could not start.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The loopback port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for; 0 asks for any free one.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refused its configuration.
    #[error("cannot configure TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// What a handler does with a request.
#[derive(Debug)]
pub enum Reply {
    /// An ordinary answer.
    Answer(Response<Bytes>),
    /// No answer: the connection is reset (RST, not an orderly close).
    HangUp,
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        Self::Answer(response)
    }
}

/// A certificate for `localhost` under an authority of its own, both made for this run.
///
/// Nothing secret is kept: the keys live in this value alone. The chain is leaf and root on P-256,
/// so a client pays one signature check for the chain and one for the handshake, as with a real
/// endpoint.
pub struct Identity {
    config: Arc<ServerConfig>,
    authority_pem: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// Makes a fresh authority and a certificate for `localhost` and `127.0.0.1`.
    ///
    /// # Errors
    /// When the crypto library refuses to make or to use them.
    pub fn generate() -> Result<Self, WireError> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "Countersign test kit");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()])?.signed_by(&key, &authority)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), authority_pem: authority.pem() })
    }

    /// The authority's certificate in PEM, to be trusted by the client.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }
}

/// A running server; it stops, and its connections close, when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Server {
    /// Starts answering on 127.0.0.1 at `port` (0: any free port), over TLS when given an identity.
    ///
    /// Each request runs as a task of its own, so what it began is finished even when the caller
    /// has gone, as with any real server.
    ///
    /// # Errors
    /// [`WireError::Listen`] when the port cannot be had.
    pub async fn start<H, F>(port: u16, identity: Option<&Identity>, handler: H) -> Result<Self, WireError>
    where
        H: Fn(Request) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|source| WireError::Listen { port, source })?;
        let address = listener.local_addr().map_err(|source| WireError::Listen { port, source })?;
        let acceptor = identity.map(|identity| TlsAcceptor::from(Arc::clone(&identity.config)));
        let accepting = tokio::spawn(accept(listener, acceptor, handler)).abort_handle();
        Ok(Self { address, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept<H, F>(listener: TcpListener, acceptor: Option<TlsAcceptor>, handler: H)
where
    H: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    // The connections die with this task.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _peer)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let handler = handler.clone();
        let acceptor = acceptor.clone();
        connections.spawn(async move {
            match acceptor {
                None => converse(stream, handler).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        converse(stream, handler).await;
                    }
                }
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// A stream whose TCP socket can be told to reset instead of closing.
trait Resettable {
    fn reset_on_close(&self);
}

impl Resettable for TcpStream {
    fn reset_on_close(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Resettable for TlsStream<TcpStream> {
    fn reset_on_close(&self) {
        self.get_ref().0.reset_on_close();
    }
}

async fn converse<S, H, F>(stream: S, handler: H)
where
    S: AsyncRead + AsyncWrite + Resettable + Unpin + Send + 'static,
    H: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let hang_up = Arc::new(Notify::new());
    let service = {
        let hang_up = Arc::clone(&hang_up);
        service_fn(move |request: hyper::Request<Incoming>| {
            let handler = handler.clone();
            let hang_up = Arc::clone(&hang_up);
            async move {
                let (parts, body) = request.into_parts();
                let reply = match body.collect().await {
                    Err(_) => Reply::HangUp,
                    Ok(body) => {
                        let request = Request::from_parts(parts, body.to_bytes());
                        tokio::spawn(handler(request)).await.unwrap_or(Reply::HangUp)
                    }
                };
                match reply {
                    Reply::Answer(response) => Ok::<_, Infallible>(response.map(Full::<Bytes>::from)),
                    Reply::HangUp => {
                        hang_up.notify_one();
                        std::future::pending().await
                    }
                }
            }
        })
    };
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _closed = &mut connection => {}
        () = hang_up.notified() => {
            connection.into_parts().io.into_inner().reset_on_close();
        }
    }
}

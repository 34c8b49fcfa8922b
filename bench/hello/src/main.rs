//! The yardstick: what `cargo lambda new --http` makes, on the same `lambda_http` and the same
//! single-threaded runtime as ours. It must stay this small: every ratio of `make bench` is
//! against it, so whatever is added here would flatter the functions.

use lambda_http::{Body, Error, Request, Response, run, service_fn, tracing};

async fn hello(_request: Request) -> Result<Response<Body>, Error> {
    let answer = Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(Body::from(r#"{"message":"hello, world"}"#))?;
    Ok(answer)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(hello)).await
}

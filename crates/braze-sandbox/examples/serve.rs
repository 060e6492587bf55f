//! A sandbox for hand tests: `cargo run -p braze-sandbox --example serve -- 127.0.0.1:8090 scenario.toml`.
//! Promises nothing beyond the library's own words; prints its address, so that port 0 can be asked for.
//! Leaves the product's command line to the binary.

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::path::Path;

use braze_sandbox::{Sandbox, Scenario};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:8090".to_owned());
    let scenario = arguments
        .next()
        .map(|file| Scenario::read(Path::new(&file)))
        .transpose()?
        .unwrap_or_default();
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("sandbox http://{}", listener.local_addr()?);
    Sandbox::from_scenario(scenario)
        .serve(listener, async {
            // An error here means that no signal can be waited for: stop at once rather than never.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

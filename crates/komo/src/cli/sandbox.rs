//! `komo braze-sandbox`

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use braze_sandbox::{Sandbox, Scenario};
use clap::Args;

use crate::serve;

/// A local Braze.
#[derive(Debug, Args)]
pub(crate) struct BrazeSandbox {
    /// Address and port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Scenario file (TOML or JSON): settings and faults
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
}

impl BrazeSandbox {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let scenario = match &self.scenario {
            Some(file) => Scenario::read(file)
                .with_context(|| format!("the scenario {} can't be used", file.display()))?,
            None => Scenario::default(),
        };
        let sandbox = Sandbox::from_scenario(scenario);
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("can't listen on {}", self.listen))?;
        println!("sandbox  http://{}/sandbox", listener.local_addr()?);
        sandbox
            .serve(listener, serve::until_asked_to_stop())
            .await?;
        sandbox.save()?;
        Ok(())
    }
}

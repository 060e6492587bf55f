//! `komo braze-sandbox`

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use braze_sandbox::{Sandbox, Scenario, Settings};
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
    /// Keep profiles, designs and mails in this file over a restart
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl BrazeSandbox {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut scenario = match &self.scenario {
            Some(file) => Scenario::read(file)
                .with_context(|| format!("the scenario {} can't be used", file.display()))?,
            None => Scenario::default(),
        };
        if self.state.is_some() {
            scenario.settings.state_file = self.state;
        }
        let usual_key = Settings::default().keys;
        let usual_key = usual_key.first().filter(|key| {
            let keys = &scenario.settings.keys;
            keys.iter().any(|it| it.key == key.key)
        });
        let sandbox = Sandbox::from_scenario(scenario);
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("can't listen on {}", self.listen))?;
        println!("sandbox  http://{}/sandbox", listener.local_addr()?);
        if let Some(key) = usual_key {
            println!("key      {}", key.key);
        }
        sandbox
            .serve(listener, serve::until_asked_to_stop())
            .await?;
        sandbox.save()?;
        Ok(())
    }
}

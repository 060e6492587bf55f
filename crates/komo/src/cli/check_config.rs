//! `komo check-config`

use clap::Args;

use super::Source;
use crate::config;

/// Shows the configuration in force.
#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    #[command(flatten)]
    source: Source,
    /// Print the built-in configuration with its documentation instead
    #[arg(long)]
    defaults: bool,
}

impl CheckConfig {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if self.defaults {
            print!("{}", config::DEFAULTS);
            return Ok(());
        }
        print!("{}", self.source.load()?.effective()?);
        Ok(())
    }
}

//! `komo contact erase`: everything about a person goes, here and at Braze.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use store::erasure::{Found, Who};

use super::Source;
use crate::{erase, hubfile};

/// Contacts.
#[derive(Debug, Subcommand)]
pub(crate) enum Contact {
    /// Erase a person: profile, answers, what is waiting to be sent, and their profile at Braze where the key permits it
    Erase {
        #[command(flatten)]
        person: Person,
        /// Only show what would go
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        source: Source,
    },
}

/// Who it is.
#[derive(Debug, Args, Clone)]
#[group(required = true, multiple = false)]
pub(crate) struct Person {
    /// E-mail address
    #[arg(long)]
    email: Option<String>,
    /// Telephone number with its country code, such as +4915112345678
    #[arg(long)]
    phone: Option<String>,
    /// The contact's id
    #[arg(long)]
    id: Option<String>,
}

impl Person {
    fn who(self) -> anyhow::Result<Who> {
        Ok(match (self.email, self.phone, self.id) {
            (Some(email), _, _) => Who::Email(email),
            (_, Some(phone), _) => Who::Phone(phone),
            (_, _, Some(id)) => Who::Id(id.parse().context("that is not a contact's id")?),
            (None, None, None) => bail!("say who: --email, --phone or --id"),
        })
    }
}

impl Contact {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let Self::Erase {
            person,
            dry_run,
            source,
        } = self;
        let (config, store) = source.open().await?;
        let workspace = hubfile::workspace(&store).await?;
        let found = erase::look(&store, workspace, person.who()?).await?;
        let (contact, found) = found.context("nobody is known by this; nothing was changed")?;
        println!("contact {contact}");
        print(&found);
        if dry_run {
            println!("nothing was changed: this was a dry run");
        } else {
            // A server that has crashed keeps its lanes until their lease ends.
            let patience =
                Duration::from_secs(config.delivery.lease_seconds.saturating_add(5).into());
            let erased = erase::erase(&store, workspace, contact, patience).await?;
            println!(
                "erased; {} to delete the person at Braze {} on the way",
                if erased.calls == 1 {
                    "one call".to_owned()
                } else {
                    format!("{} calls", erased.calls)
                },
                if erased.calls == 1 { "is" } else { "are" }
            );
        }
        store.close().await;
        Ok(())
    }
}

fn print(found: &Found) {
    let names: usize = found
        .profiles
        .values()
        .map(std::collections::BTreeSet::len)
        .sum();
    println!(
        "{} keys, {} entries, {} consents, the content of {} deliveries, {names} profiles at {} connections",
        found.keys.len(),
        found.entries,
        found.consents,
        found.deliveries,
        found.profiles.len()
    );
}

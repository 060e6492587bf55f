//! `komo member list | reset`: what an operator does for members who can't sign in.

use std::io::Read as _;

use anyhow::{Context, bail};
use clap::Subcommand;
use secrecy::SecretString;
use store::{Store, accounts, accounts_sessions, hubs};

use super::Source;
use crate::{
    clock,
    web::studio::passwords::{self, Passwords},
};

/// Members of the studio.
#[derive(Debug, Subcommand)]
pub(crate) enum Member {
    /// Show who can sign in to the studio, and where
    List {
        #[command(flatten)]
        source: Source,
    },
    /// Set a new password for a member and end their sessions; it is made up and printed unless one is given
    Reset {
        /// The member's e-mail address
        email: String,
        /// Read the new password from standard input instead
        #[arg(long)]
        stdin: bool,
        #[command(flatten)]
        source: Source,
    },
}

impl Member {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List { source } => {
                let (_, store) = source.open().await?;
                list(&store).await?;
                store.close().await;
                Ok(())
            }
            Self::Reset {
                email,
                stdin,
                source,
            } => {
                let (_, store) = source.open().await?;
                let password = if stdin { typed()? } else { made_up()? };
                reset(&store, &email.to_lowercase(), &password).await?;
                if stdin {
                    println!("the password is set; all sessions of {email} are ended");
                } else {
                    println!("password  {password}");
                    println!(
                        "Give it to {email}, who changes it under “Your account”. All sessions are ended."
                    );
                }
                store.close().await;
                Ok(())
            }
        }
    }
}

async fn list(store: &Store) -> anyhow::Result<()> {
    let found = store.read(|tx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for (id, name) in hubs::workspaces(tx).await? {
                all.push((name, accounts::members_of(tx, id).await?));
            }
            Ok(all)
        })
    });
    for (workspace, members) in found.await? {
        println!("{workspace}");
        if members.is_empty() {
            println!("  nobody yet; open the studio to become the owner");
        }
        for (member, role) in members {
            println!("  {:<32} {role:<8} {}", member.email, member.name);
        }
    }
    Ok(())
}

async fn reset(store: &Store, email: &str, password: &str) -> anyhow::Result<()> {
    let asked = email.to_owned();
    let member =
        store.read(move |tx| Box::pin(async move { accounts::member_by_email(tx, &asked).await }));
    let member = member
        .await?
        .with_context(|| format!("there is no member {email}; `komo member list` shows all"))?;
    if let Some(problem) = passwords::problem(password, email, &[&member.name]) {
        bail!("{problem}");
    }
    let hash = Passwords::default()
        .hash(SecretString::from(password.to_owned()))
        .await?;
    let (id, now, subject) = (member.id, clock::now(), member.email);
    store
        .write(move |tx| {
            Box::pin(async move {
                accounts::set_password(tx, id, &hash, now).await?;
                accounts_sessions::end_all_but(tx, id, &[]).await?;
                for place in accounts::memberships(tx, id).await? {
                    let line = ("member.password", subject.as_str(), "");
                    accounts_sessions::record(tx, place.workspace, None, line, now).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

fn typed() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("standard input can't be read")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Sixteen letters that are told apart when they are read out, and of which no word can be made. No digits: of those alone chance may make
/// what looks easy to guess.
const LETTERS: [char; 16] = [
    'b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 't', 'w', 'x',
];

/// 80 random bits in groups that can be read out.
fn made_up() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 10];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("no random numbers from the operating system: {error}"))?;
    let letters = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let text: Vec<char> = letters
        .filter_map(|four_bits| LETTERS.get(usize::from(four_bits)).copied())
        .collect();
    let groups = text.chunks(5).map(|group| group.iter().collect::<String>());
    Ok(groups.collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_made_up_is_always_one_that_a_member_might_choose() {
        for _ in 0..2_000 {
            let password = made_up().unwrap();
            let problem = passwords::problem(&password, "ann@example.com", &["Ann"]);
            assert_eq!(problem, None, "{password}");
        }
    }
}

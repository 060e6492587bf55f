//! Passwords of members: how they are hashed, checked and what they must be like.
//! Promises: Argon2id with the parameters that OWASP names; an unknown address costs as long as a wrong password; never more
//! than a few hashes at once. Leaves to others: who may try how often (`door`), where hashes are kept (`store::accounts`).

use std::sync::{Arc, OnceLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// The fewest characters a password may have.
pub const SHORTEST: usize = 12;
/// The most: long enough for a sentence, short enough that hashing it is no attack.
const LONGEST: usize = 200;

/// Hashes at once: each takes 19 MiB and a core for some 30 ms.
const AT_ONCE: usize = 4;

/// Words that people build passwords of when they are asked for a long one.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passw",
    "qwerty",
    "qwertz",
    "uiop",
    "azerty",
    "asdfgh",
    "zxcvbn",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "abc",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "princess",
    "sunshine",
    "master",
    "shadow",
    "superman",
    "batman",
    "trustno",
    "changeme",
    "secret",
    "login",
    "komo",
    "braze",
    "test",
    "hello",
    "default",
    "guest",
    "root",
    "user",
    "summer",
    "winter",
    "spring",
    "autumn",
    "monday",
    "january",
    "company",
    "marketing",
];

/// Hashes and checks passwords; cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

/// m = 19 MiB, t = 2, p = 1 (OWASP password storage cheat sheet).
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let hash: PasswordHash = argon2()
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("the password could not be hashed: {error}"))?;
    Ok(hash.to_string())
}

fn fits_now(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else {
        return false;
    };
    argon2().verify_password(password.as_bytes(), &hash).is_ok()
}

/// A hash of nobody's password, so that an unknown address takes as long as a known one.
fn nobody() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_now("a password that nobody has").unwrap_or_default())
}

impl Passwords {
    /// The hash to store, in PHC form.
    pub async fn hash(&self, password: SecretString) -> anyhow::Result<String> {
        let _permit = self.permits.acquire().await?;
        tokio::task::spawn_blocking(move || hash_now(password.expose_secret())).await?
    }

    /// Whether a password fits; without a hash it never does, but takes as long.
    pub async fn fits(&self, password: SecretString, hash: Option<String>) -> bool {
        let Ok(_permit) = self.permits.acquire().await else {
            return false;
        };
        let checked = tokio::task::spawn_blocking(move || {
            let (known, hash) = (hash.is_some(), hash.unwrap_or_else(|| nobody().to_owned()));
            fits_now(password.expose_secret(), &hash) && known
        });
        checked.await.unwrap_or(false)
    }
}

/// What is wrong with a new password, if anything: what happened and what to do.
pub fn problem(password: &str, email: &str, names: &[&str]) -> Option<&'static str> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Some(
            "The password is too short. Use at least 12 characters; a few words you can remember are better than a riddle.",
        );
    }
    if length > LONGEST {
        return Some("The password is too long. Use at most 200 characters.");
    }
    let lower = password.to_lowercase();
    let mut rest: String = lower.chars().filter(|it| it.is_alphabetic()).collect();
    let own = email.split('@').next().unwrap_or_default().to_lowercase();
    let own_words = names
        .iter()
        .flat_map(|name| name.split_whitespace())
        .map(str::to_lowercase);
    for word in own_words
        .chain([own])
        .filter(|word| word.chars().count() >= 3)
    {
        rest = rest.replace(&word, "");
    }
    for word in COMMON {
        rest = rest.replace(word, "");
    }
    let kinds = {
        let mut seen: Vec<char> = lower.chars().collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    };
    if kinds < 5 || rest.chars().count() < 4 {
        return Some(
            "The password is easy to guess: it is made of a common word, your name, or a row of the same characters. Choose a few words that do not belong together.",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only_and_nobodys_never() {
        let passwords = Passwords::default();
        let word = || SecretString::from("correct horse battery");
        let hash = passwords.hash(word()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(passwords.fits(word(), Some(hash.clone())).await);
        assert!(
            !passwords
                .fits(SecretString::from("another"), Some(hash))
                .await
        );
        assert!(
            !passwords
                .fits(SecretString::from("a password that nobody has"), None)
                .await
        );
        assert!(!passwords.fits(word(), Some("no hash".into())).await);
    }

    #[test]
    fn what_is_easy_to_guess_is_refused_and_a_sentence_is_fine() {
        for bad in [
            "short",
            "password1234",
            "Password!2024",
            "aaaaaaaaaaaaaaaa",
            "123456789012",
            "qwertyuiop12qwerty",
            "ann.lee-ann.lee",
            "WelcomeKomo2026",
            &"x1yz".repeat(60),
        ] {
            assert!(
                problem(bad, "ann.lee@example.com", &["Ann Lee"]).is_some(),
                "{bad}"
            );
        }
        for good in [
            "correct horse battery",
            "four-lemons-on-a-tram",
            "Überraschung im Keller",
            "пароль из трёх слов",
        ] {
            assert_eq!(
                problem(good, "ann.lee@example.com", &["Ann Lee"]),
                None,
                "{good}"
            );
        }
    }
}

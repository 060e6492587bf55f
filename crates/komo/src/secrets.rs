//! The installation's secret key, and what it seals: the API keys of connections.
//! Promises: XChaCha20-Poly1305 with a version, a key id, and the row's identity as associated data, so that a sealed value is
//! worthless in another row; keys never reach a log. Leaves to others: where sealed values are kept.

use std::{fs, io::Write as _, path::Path};

use anyhow::{Context, bail, ensure};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;

/// The secret key, ready to seal and to open.
pub struct Keyring {
    cipher: XChaCha20Poly1305,
    id: [u8; KEY_ID],
    /// What other secrets of this installation are derived from; tells nothing about the key.
    seed: [u8; 32],
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("id", &hex::encode(self.id))
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// Reads the key file; makes it, for the owner's eyes only, when it does not exist.
    pub fn open_or_make(file: &Path) -> anyhow::Result<Self> {
        if !file.exists() {
            let mut key = [0_u8; 32];
            getrandom::fill(&mut key).map_err(|error| {
                anyhow::anyhow!("no random numbers from the operating system: {error}")
            })?;
            if let Some(folder) = file
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                fs::create_dir_all(folder)
                    .with_context(|| format!("can't make the folder {}", folder.display()))?;
            }
            write_private(file, &hex::encode(key))
                .with_context(|| format!("can't write the secret key to {}", file.display()))?;
        }
        let text = fs::read_to_string(file)
            .with_context(|| format!("can't read the secret key from {}", file.display()))?;
        let key = hex::decode(text.trim())
            .ok()
            .and_then(|key| <[u8; 32]>::try_from(key).ok());
        let Some(key) = key else {
            bail!(
                "{} does not hold a secret key: it must be 64 hexadecimal digits",
                file.display()
            );
        };
        Ok(Self::new(&key))
    }

    /// A keyring of one key.
    pub fn new(key: &[u8; 32]) -> Self {
        let mut id = [0; KEY_ID];
        for (to, from) in id.iter_mut().zip(Sha256::digest(key)) {
            *to = from;
        }
        let seed = Sha256::new()
            .chain_update(b"komo derived secrets, version 1")
            .chain_update(key)
            .finalize();
        Self {
            cipher: XChaCha20Poly1305::new(key.into()),
            id,
            seed: seed.into(),
        }
    }

    /// A secret of 80 bits that belongs to this installation and purpose, the same on every node: 20 characters in groups.
    pub fn derived(&self, purpose: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.seed)
            .chain_update(purpose)
            .finalize();
        let text: Vec<char> = hex::encode(digest).chars().take(20).collect();
        text.chunks(5)
            .map(|group| group.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join("-")
    }

    /// Seals a secret for one row: version, key id, nonce, ciphertext.
    pub fn seal(&self, secret: &SecretString, row: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| {
            anyhow::anyhow!("no random numbers from the operating system: {error}")
        })?;
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: row,
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| anyhow::anyhow!("the secret could not be sealed"))?;
        let mut out = vec![VERSION];
        out.extend(self.id);
        out.extend(nonce);
        out.extend(sealed);
        Ok(out)
    }

    /// Opens what was sealed for the same row.
    pub fn open(&self, sealed: &[u8], row: &[u8]) -> anyhow::Result<SecretString> {
        let (version, rest) = sealed.split_first().context("the sealed key is empty")?;
        ensure!(
            *version == VERSION,
            "the sealed key has the unknown version {version}"
        );
        let (id, rest) = rest
            .split_at_checked(KEY_ID)
            .context("the sealed key is cut off")?;
        ensure!(
            id == self.id,
            "the key was sealed with another secret key ({}) than this installation has ({}): restore the key file, or enter the API key again",
            hex::encode(id),
            hex::encode(self.id)
        );
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE>()
            .context("the sealed key is cut off")?;
        let payload = Payload {
            msg: sealed,
            aad: row,
        };
        let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        let opened = opened.map_err(|_| {
            anyhow::anyhow!("the sealed key was changed or belongs to another connection")
        })?;
        Ok(SecretString::from(
            String::from_utf8(opened).context("the sealed key is not text")?,
        ))
    }
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file)?;
    writeln!(out, "{text}")?;
    out.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_key_opens_only_in_its_own_row_and_with_its_own_secret() {
        let ring = Keyring::new(&[1; 32]);
        let sealed = ring
            .seal(&SecretString::from("canary-key"), b"row a")
            .unwrap();
        assert!(
            !sealed.windows(6).any(|part| part == b"canary"),
            "the key can be read in the sealed bytes"
        );
        assert_eq!(
            ring.open(&sealed, b"row a").unwrap().expose_secret(),
            "canary-key"
        );
        assert!(ring.open(&sealed, b"row b").is_err());
        let error = Keyring::new(&[2; 32])
            .open(&sealed, b"row a")
            .unwrap_err()
            .to_string();
        assert!(error.contains("another secret key"), "{error}");
        for length in 0..sealed.len() {
            assert!(
                ring.open(&sealed[..length], b"row a").is_err(),
                "cut at {length}"
            );
        }
    }

    #[test]
    fn a_derived_secret_belongs_to_its_key_and_purpose() {
        let ring = Keyring::new(&[1; 32]);
        assert_eq!(ring.derived("a"), Keyring::new(&[1; 32]).derived("a"));
        assert_ne!(ring.derived("a"), ring.derived("b"));
        assert_ne!(ring.derived("a"), Keyring::new(&[2; 32]).derived("a"));
        assert_eq!(ring.derived("a").len(), 23);
    }

    #[test]
    fn the_key_file_is_made_once_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/secret.key");
        let first = Keyring::open_or_make(&file).unwrap();
        assert_eq!(Keyring::open_or_make(&file).unwrap().id, first.id);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        fs::write(&file, "not a key").unwrap();
        assert!(
            Keyring::open_or_make(&file)
                .unwrap_err()
                .to_string()
                .contains("64 hexadecimal digits")
        );
    }
}

//! Encryption in transit: the choice of cryptography, and the certificate, which is read anew when its files change.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, anyhow};
use metrics::counter;
use parking_lot::RwLock;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{sync::watch, time::interval};
use tokio_rustls::TlsAcceptor;

/// A certificate that was renewed is in use so soon.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Chooses the cryptography for every connection of this process, once.
pub fn choose_cryptography() {
    // Another caller was first: the choice is the same.
    let _chosen_before = default_provider().install_default();
}

/// The cryptography that [`choose_cryptography`] chooses.
pub fn cryptography() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(default_provider())
}

/// Those that `ca_file` names, in PEM form; without one, those that the system knows.
fn authorities(ca_file: Option<&Path>) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca_file {
        let told = || format!("cannot use {} as what vouches for certificates", path.display());
        for certificate in CertificateDer::pem_file_iter(path).with_context(told)? {
            roots.add(certificate.with_context(told)?).with_context(told)?;
        }
        if roots.is_empty() {
            return Err(anyhow!("{} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", path.display()));
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    Ok(roots)
}

/// For connections to servers that `ca_file` vouches for, in PEM form; without one, those that the system knows do.
///
/// # Errors
/// Says what is wrong with the file.
pub fn trusting(ca_file: Option<&Path>) -> anyhow::Result<ClientConfig> {
    let config = ClientConfig::builder_with_provider(cryptography()).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(authorities(ca_file)?).with_no_client_auth())
}

/// Sees that whoever trusts `ca_file` believes the certificate when it asks for `host`.
///
/// # Errors
/// Says why it would not.
pub fn ensure_believed(files: &TlsFiles, ca_file: Option<&Path>, host: &str) -> anyhow::Result<()> {
    let shown = files.load()?;
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
        .with_context(|| format!("{host:?} is no name that a certificate could be for"))?;
    let roots = Arc::new(authorities(ca_file)?);
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, cryptography()).build()?;
    let (own, between) = shown.cert.split_first().context("there is no certificate")?;
    verifier.verify_server_cert(own, between, &name, &[], UnixTime::now()).map_err(|error| {
        let by = ca_file.map_or_else(|| "what the system trusts".to_owned(), |path| path.display().to_string());
        anyhow!("{} is not believed for {host} by {by}: {error}", files.cert.display())
    })?;
    Ok(())
}

/// For a client that makes no encrypted connection.
pub(crate) fn trusting_nobody() -> ClientConfig {
    ClientConfig::builder_with_provider(cryptography())
        .with_safe_default_protocol_versions()
        .expect("the chosen cryptography has them")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

/// Where certificate and key lie, both in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's own certificate first, then those that vouch for it.
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// When the files were written, and their sizes.
type Fingerprint = [Option<(SystemTime, u64)>; 2];

impl TlsFiles {
    /// Reads both.
    ///
    /// # Errors
    /// Says which file is wrong and how.
    pub fn load(&self) -> anyhow::Result<CertifiedKey> {
        let (cert, key) = (self.cert.display(), self.key.display());
        let certs =
            std::fs::read(&self.cert).with_context(|| format!("cannot read the certificate {cert} (tls_cert)"))?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&certs)
            .collect::<Result<_, _>>()
            .map_err(|error| anyhow!("{cert} (tls_cert) is not valid PEM: {error}"))?;
        if chain.is_empty() {
            return Err(anyhow!(
                "{cert} (tls_cert) holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); is it the key, or DER?"
            ));
        }
        let text = std::fs::read(&self.key).with_context(|| format!("cannot read the key {key} (tls_key)"))?;
        let secret = PrivateKeyDer::from_pem_slice(&text).map_err(|_| {
            anyhow!(
                "{key} (tls_key) holds no private key in PEM form (-----BEGIN PRIVATE KEY-----), without a password"
            )
        })?;
        CertifiedKey::from_der(chain, secret, &default_provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => anyhow!(
                "the key {key} (tls_key) does not belong to the certificate {cert} (tls_cert); the server's own certificate must come first in its file"
            ),
            other => anyhow!("{cert} and {key} cannot be used: {other}"),
        })
    }

    fn fingerprint(&self) -> Fingerprint {
        [&self.cert, &self.key].map(|path| {
            let about = path.metadata().ok()?;
            Some((about.modified().ok()?, about.len()))
        })
    }
}

/// The certificate in use.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: TlsFiles,
    in_use: RwLock<Arc<CertifiedKey>>,
    read_at: Fingerprint,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.in_use.read()))
    }
}

impl Certificate {
    pub(crate) fn open(files: TlsFiles) -> anyhow::Result<Arc<Self>> {
        let read_at = files.fingerprint();
        let in_use = RwLock::new(Arc::new(files.load()?));
        Ok(Arc::new(Self { files, in_use, read_at }))
    }

    /// For connections that speak `protocol`.
    pub(crate) fn acceptor(self: &Arc<Self>, protocol: &[u8]) -> anyhow::Result<TlsAcceptor> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Takes renewed files into use until told to stop. While a pair is wrong, the last right one stays.
    pub(crate) async fn follow(self: Arc<Self>, mut stopping: watch::Receiver<bool>) {
        let mut seen = self.read_at;
        let mut ticks = interval(LOOK_EVERY);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _told = stopping.changed() => return,
            }
            let certificate = Arc::clone(&self);
            let before = seen;
            let looked = tokio::task::spawn_blocking(move || certificate.look(before)).await;
            seen = looked.unwrap_or(seen);
        }
    }

    fn look(&self, seen: Fingerprint) -> Fingerprint {
        let now = self.files.fingerprint();
        if now == seen {
            return seen;
        }
        let result = match self.files.load() {
            Ok(renewed) => {
                *self.in_use.write() = Arc::new(renewed);
                tracing::info!(cert = %self.files.cert.display(), "the certificate was renewed");
                "ok"
            }
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the certificate changed and cannot be used; the one before stays in use"
                );
                "failed"
            }
        };
        counter!("hiveboard_tls_reloads_total", "result" => result).increment(1);
        now
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn write(dir: &Path, name: &str) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let files = TlsFiles { cert: dir.join(format!("{name}.crt")), key: dir.join(format!("{name}.key")) };
        std::fs::write(&files.cert, made.cert.pem()).expect("a file");
        std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("a file");
        files
    }

    fn complaint(files: &TlsFiles) -> String {
        format!("{:#}", files.load().expect_err("it is wrong"))
    }

    #[test]
    fn wrong_files_are_told_apart() {
        let dir = tempfile::tempdir().expect("a directory");
        let (one, other) = (write(dir.path(), "one"), write(dir.path(), "other"));
        one.load().expect("a right pair");
        let crossed = TlsFiles { cert: one.cert.clone(), key: other.key.clone() };
        assert!(complaint(&crossed).contains("does not belong to the certificate"), "{}", complaint(&crossed));
        let swapped = TlsFiles { cert: one.key.clone(), key: one.cert.clone() };
        assert!(complaint(&swapped).contains("holds no certificate"), "{}", complaint(&swapped));
        let twice = TlsFiles { cert: one.cert.clone(), key: one.cert.clone() };
        assert!(complaint(&twice).contains("holds no private key"), "{}", complaint(&twice));
        let missing = TlsFiles { cert: dir.path().join("none.crt"), key: one.key.clone() };
        assert!(complaint(&missing).contains("cannot read the certificate"), "{}", complaint(&missing));
        let broken = TlsFiles { cert: dir.path().join("broken.crt"), key: one.key };
        std::fs::write(&broken.cert, "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n").expect("a file");
        assert!(complaint(&broken).contains("not valid PEM"), "{}", complaint(&broken));
    }

    #[test]
    fn a_wrong_renewal_leaves_the_right_one_in_use() {
        let dir = tempfile::tempdir().expect("a directory");
        let files = write(dir.path(), "own");
        let certificate = Certificate::open(files.clone()).expect("a right pair");
        let first = certificate.in_use.read().cert[0].clone();
        std::fs::write(&files.cert, "nothing").expect("a file");
        let seen = certificate.look(certificate.read_at);
        assert_eq!(certificate.in_use.read().cert[0], first);
        let renewed = write(dir.path(), "renewed");
        std::fs::copy(&renewed.cert, &files.cert).expect("a copy");
        std::fs::copy(&renewed.key, &files.key).expect("a copy");
        certificate.look(seen);
        assert_ne!(certificate.in_use.read().cert[0], first);
    }
}

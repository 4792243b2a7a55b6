//! Encryption in transit.

/// Chooses the cryptography for every connection of this process, once.
pub fn choose_cryptography() {
    // Another caller was first: the choice is the same.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
}

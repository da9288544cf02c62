//! Private keys, as PKCS#8.

use ring::error::Unspecified;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};

use super::Malformed;
use super::der::{bits, identifier, sequence};

const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// Everything of an Ed25519 key but its 32 bytes. The form of version 1: older programs cannot read the public key of version 2.
const ED25519_BEGINNING: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const SEED: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Ed25519,
    P256,
}

/// A private key that can sign.
pub(crate) struct Key(Pair);

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(Box<EcdsaKeyPair>, SystemRandom),
}

impl Key {
    /// A new key as PKCS#8. Fails when the operating system gives no random numbers.
    pub(crate) fn generate(algorithm: Algorithm) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match algorithm {
            Algorithm::Ed25519 => {
                let mut seed = [0; SEED];
                random.fill(&mut seed)?;
                Ok([&ED25519_BEGINNING[..], &seed].concat())
            }
            Algorithm::P256 => {
                let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)?;
                Ok(document.as_ref().to_vec())
            }
        }
    }

    /// Reads a key of one of the kinds that are generated.
    pub(crate) fn read(pkcs8: &[u8]) -> Result<Self, Malformed> {
        const UNKNOWN: Malformed = Malformed("it is not a key of Ed25519 or P-256 in PKCS#8");
        if let Some(seed) = pkcs8.strip_prefix(&ED25519_BEGINNING) {
            return Ed25519KeyPair::from_seed_unchecked(seed)
                .map(|pair| Self(Pair::Ed25519(pair)))
                .map_err(|_| UNKNOWN);
        }
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &random).map_err(|_| UNKNOWN)?;
        Ok(Self(Pair::P256(Box::new(pair), random)))
    }

    /// The public key as a certificate holds it, `SubjectPublicKeyInfo`.
    pub(super) fn public(&self) -> Vec<u8> {
        match &self.0 {
            Pair::Ed25519(pair) => sequence(&[sequence(&[identifier(ED25519)]), bits(pair.public_key().as_ref())]),
            Pair::P256(pair, _) => {
                let algorithm = sequence(&[identifier(EC_PUBLIC_KEY), identifier(PRIME256V1)]);
                sequence(&[algorithm, bits(pair.public_key().as_ref())])
            }
        }
    }

    /// The name of the signature's algorithm.
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        sequence(&[identifier(match self.0 {
            Pair::Ed25519(_) => ED25519,
            Pair::P256(..) => ECDSA_WITH_SHA256,
        })])
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match &self.0 {
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::P256(pair, random) => pair.sign(random, message).map(|signature| signature.as_ref().to_vec()),
        }
    }
}

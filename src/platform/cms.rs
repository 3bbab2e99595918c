//! A detached CMS signature (RFC 5652) with the attributes CAdES wants (ETSI EN 319
//! 122-1): content type, digest, the signing certificate. ECDSA over P-256 with
//! SHA-256, which RFC 6979 makes deterministic.

use super::der::{
    BIT_STRING, BOOLEAN, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, Read, SEQUENCE, SET, UTF8, element, read,
    set_of, tagged,
};
use super::keys::{Keys, Purpose};
use super::signing::{Pinned, PinnedKeys};
use chrono::{DateTime, Utc};
use p256::PublicKey;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePublicKey, EncodePublicKey};
use sha2::{Digest, Sha256};

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

/// digitalSignature and nonRepudiation.
const MAY_SIGN: &[u8] = &[BIT_STRING, 2, 6, 0xc0];
/// RFC 5280, 4.1.2.5: no well-defined end. What was signed once verifies for ever.
const NO_END: &[u8] = b"99991231235959Z";

fn algorithm(oid: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&element(OID, &[oid])])
}

fn name(organization: &str, common: &str) -> Vec<u8> {
    let part = |oid, text: &str| {
        element(SET, &[&element(SEQUENCE, &[&element(OID, &[oid]), &element(UTF8, &[text.as_bytes()])])])
    };
    element(SEQUENCE, &[&part(ORGANIZATION, organization), &part(COMMON_NAME, common)])
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = element(BOOLEAN, &[&[0xff]]);
    let flag: &[u8] = if critical { &flag } else { &[] };
    element(SEQUENCE, &[&element(OID, &[oid]), flag, &element(OCTET_STRING, &[value])])
}

/// A signing key with the certificate it signed for itself.
struct Holder {
    key: SigningKey,
    certificate: Vec<u8>,
    name: Vec<u8>,
    serial: Vec<u8>,
}

impl Holder {
    fn of(keys: &Keys, organization: &str, issuer: &str) -> Self {
        let kept = keys.newest(Purpose::Sign);
        let secret = kept.signing().expect("a signing key in the folder was made by Keys::make");
        let key = SigningKey::from(&secret);
        let public = secret.public_key();
        let spki = public.to_public_key_der().expect("a point of the curve has a form");
        let name = name(organization, &format!("{issuer}#{}", kept.kid));
        let serial = element(INTEGER, &[&[1], &hex::decode(&kept.kid).unwrap_or_default()]);
        let made = i64::try_from(kept.made).ok().and_then(DateTime::<Utc>::from_timestamp_millis).unwrap_or_default();
        let made = made.format("%Y%m%d%H%M%SZ").to_string();
        let time = |text: &[u8]| element(GENERALIZED_TIME, &[text]);
        let subject_key = element(OCTET_STRING, &[&Sha256::digest(spki.as_bytes())[..20]]);
        let extensions = element(
            SEQUENCE,
            &[
                &extension(BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[])),
                &extension(KEY_USAGE, true, MAY_SIGN),
                &extension(SUBJECT_KEY_ID, false, &subject_key),
            ],
        );
        let told = element(
            SEQUENCE,
            &[
                &element(tagged(0), &[&element(INTEGER, &[&[2]])]),
                &serial,
                &algorithm(ECDSA_SHA256),
                &name,
                &element(SEQUENCE, &[&time(made.as_bytes()), &time(NO_END)]),
                &name,
                spki.as_bytes(),
                &element(tagged(3), &[&extensions]),
            ],
        );
        let signature: DerSignature = key.sign(&told);
        let signature = element(BIT_STRING, &[&[0], signature.as_bytes()]);
        let certificate = element(SEQUENCE, &[&told, &algorithm(ECDSA_SHA256), &signature]);
        Holder { key, certificate, name, serial }
    }
}

/// Signs a SHA-256 digest with the newest signing key.
pub fn sign(keys: &Keys, organization: &str, issuer: &str, digest: &[u8; 32]) -> Vec<u8> {
    let holder = Holder::of(keys, organization, issuer);
    let attribute = |oid: &[u8], value: &[u8]| element(SEQUENCE, &[&element(OID, &[oid]), &element(SET, &[value])]);
    let by_hash = element(SEQUENCE, &[&element(OCTET_STRING, &[&Sha256::digest(&holder.certificate)])]);
    let attributes = set_of(vec![
        attribute(CONTENT_TYPE, &element(OID, &[DATA])),
        attribute(MESSAGE_DIGEST, &element(OCTET_STRING, &[digest])),
        attribute(SIGNING_CERTIFICATE, &element(SEQUENCE, &[&element(SEQUENCE, &[&by_hash])])),
    ]);
    let signature: DerSignature = holder.key.sign(&attributes);
    // What is inside the set's own tag and length.
    let inside = read(&attributes).map_or(&[][..], |(set, _)| set.contents);
    message(&holder.name, &holder.serial, &holder.certificate, inside, signature.as_bytes())
}

/// The message around a certificate, the attributes that were signed, and the
/// signature: the only form there is of it.
fn message(name: &[u8], serial: &[u8], certificate: &[u8], attributes: &[u8], signature: &[u8]) -> Vec<u8> {
    let signer = element(
        SEQUENCE,
        &[
            &element(INTEGER, &[&[1]]),
            &element(SEQUENCE, &[name, serial]),
            &algorithm(SHA256),
            // Here the set wears another tag than the one it was signed under.
            &element(tagged(0), &[attributes]),
            &algorithm(ECDSA_SHA256),
            &element(OCTET_STRING, &[signature]),
        ],
    );
    let signed = element(
        SEQUENCE,
        &[
            &element(INTEGER, &[&[1]]),
            &element(SET, &[&algorithm(SHA256)]),
            &element(SEQUENCE, &[&element(OID, &[DATA])]),
            &element(tagged(0), &[certificate]),
            &element(SET, &[&signer]),
        ],
    );
    element(SEQUENCE, &[&element(OID, &[SIGNED_DATA]), &element(tagged(0), &[&signed])])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSignature {
    Unreadable,
    UnknownKey,
    /// Genuine, but over other bytes.
    OtherContent,
    Forged,
}

struct Signed<'d> {
    key: PublicKey,
    certificate: &'d [u8],
    attributes: Read<'d>,
    signature: &'d [u8],
}

/// The parts of a message as [`sign`] writes it, followed by zeros at most. What is
/// not signed in it is compared: no other byte may stand anywhere.
fn parts(bytes: &[u8]) -> Option<Signed<'_>> {
    let (whole, room) = read(bytes)?;
    let [_, signed] = whole.children()?.try_into().ok()?;
    let [signed] = signed.children()?.try_into().ok()?;
    let [_, _, _, certificates, signers] = signed.children()?.try_into().ok()?;
    let [certificate] = certificates.children()?.try_into().ok()?;
    let told = *certificate.children()?.first()?;
    let [_, serial, _, name, _, _, spki, _] = told.children()?.try_into().ok()?;
    let [signer] = signers.children()?.try_into().ok()?;
    let [_, _, _, attributes, _, signature] = signer.children()?.try_into().ok()?;
    let again = message(name.whole, serial.whole, certificate.whole, attributes.contents, signature.contents);
    if again != whole.whole || room.iter().any(|byte| *byte != 0) {
        return None;
    }
    let key = PublicKey::from_public_key_der(spki.whole).ok()?;
    Some(Signed { key, certificate: certificate.whole, attributes, signature: signature.contents })
}

/// The only value of an attribute.
fn attribute<'d>(attributes: Read<'d>, oid: &[u8]) -> Option<Read<'d>> {
    attributes.children()?.into_iter().find_map(|attribute| {
        let [named, values] = attribute.children()?.try_into().ok()?;
        let [value] = values.children()?.try_into().ok()?;
        (named.contents == oid).then_some(value)
    })
}

/// Who has signed this digest, if it is someone believed.
pub fn check<'k>(message: &[u8], digest: &[u8; 32], believed: &'k PinnedKeys) -> Result<&'k Pinned, BadSignature> {
    let signed = parts(message).ok_or(BadSignature::Unreadable)?;
    let pinned = believed.holder_of(&signed.key).ok_or(BadSignature::UnknownKey)?;
    let over = element(SET, &[signed.attributes.contents]);
    let signature = DerSignature::try_from(signed.signature).map_err(|_| BadSignature::Unreadable)?;
    VerifyingKey::from(pinned.key()).verify(&over, &signature).map_err(|_| BadSignature::Forged)?;
    let by_hash = element(SEQUENCE, &[&element(OCTET_STRING, &[&Sha256::digest(signed.certificate)])]);
    let certificate = attribute(signed.attributes, SIGNING_CERTIFICATE).ok_or(BadSignature::Unreadable)?;
    if certificate.contents != element(SEQUENCE, &[&by_hash]) {
        return Err(BadSignature::Forged);
    }
    let said = attribute(signed.attributes, MESSAGE_DIGEST).ok_or(BadSignature::Unreadable)?;
    if said.contents == digest { Ok(pinned) } else { Err(BadSignature::OtherContent) }
}

//! The door: the only holder of the database. Everyone else has a grant, or nothing.

use super::Refused;
use super::looked::Looked;
use crate::names::{ConsentTexts, KeptFor};
use crate::platform::clock::Clock;
use crate::platform::db::Database;
use crate::platform::files::Files;
use crate::platform::keys::Keys;
use crate::platform::signing::PinnedKeys;
use crate::platform::typeset::PressRoom;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// What every page may know of the installation it runs in.
#[derive(Clone)]
pub struct House {
    pub clock: Clock,
    pub keys: Keys,
    /// Whose signatures are believed: our own keys' and those trusted by hand.
    pub believed: PinnedKeys,
    pub files: Files,
    pub press: Arc<PressRoom>,
    /// What QR codes and credentials carry, without a slash at its end.
    pub public_url: String,
    pub county: String,
    /// What guardians consent to.
    pub consent: ConsentTexts,
    /// The county's six digits (GB/T 2260).
    pub county_code: String,
    /// A demonstration county: loopback only, 演示 on every page.
    pub demo: bool,
    /// Plain http beyond loopback, by the administrator's own word.
    pub insecure: bool,
    /// 等保: passwords of three kinds of characters that last 90 days, and a second
    /// factor for office, principal and county.
    pub graded: bool,
    pub kept_for: KeptFor,
    /// A proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxy: Option<IpAddr>,
    /// Hosts to which schools may send what came to an inbox: `im.example.cn:8443`.
    pub webhook_hosts: Vec<String>,
}

impl House {
    /// Who issues what leaves the county: a name, not a host, so that it outlives
    /// every address. `urn:qinghe:210421`
    pub fn issuer(&self) -> String {
        format!("urn:qinghe:{}", self.county_code)
    }

    /// Whether browsers reach it by https: `Secure`, `__Host-` and HSTS hang on it.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    database: Database,
    house: House,
    /// What is noted already of the day it is.
    noted: Mutex<HashSet<Looked>>,
}

impl Door {
    pub fn new(database: Database, house: House) -> Self {
        Door(Arc::new(Inner { database, house, noted: Mutex::default() }))
    }

    pub fn house(&self) -> &House {
        &self.0.house
    }

    pub(in crate::access) fn database(&self) -> &Database {
        &self.0.database
    }

    pub(in crate::access) fn has_noted(&self, looked: &Looked) -> bool {
        self.0.noted.lock().is_ok_and(|noted| noted.contains(looked))
    }

    pub(in crate::access) fn noted(&self, looked: Looked) {
        if let Ok(mut noted) = self.0.noted.lock() {
            noted.retain(|earlier| earlier.day == looked.day);
            noted.insert(looked);
        }
    }

    /// Whether the database answers.
    pub async fn is_well(&self) -> bool {
        let door = self.clone();
        let asked = super::off_the_loop(move || {
            door.database().read(crate::platform::db::Reach::All, |conn| {
                use diesel::prelude::*;
                Ok::<_, Refused>(crate::schema::county::table.count().get_result::<i64>(conn)?)
            })
        });
        asked.await.is_ok()
    }
}

/// Runs what may wait for a disk or a database on a thread of its own.
pub async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    actix_web::web::block(work).await.map_err(Refused::broken)?
}

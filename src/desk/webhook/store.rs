use super::{NEWS, PAUSES, host_of, is_loopback};
use crate::access::own::Owned;
use crate::access::{Act, House, Letter, Look, Refused, Tx, WholeSchool};
use crate::names::{AccountId, SchoolId};
use crate::platform::db::Conn;
use crate::platform::text::tidy;
use crate::schema::{account, webhook_try};
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};

crate::school_table!(webhook (revision) {
    revision -> Integer,
    url -> Nullable<Text>,
    secret_sealed -> Nullable<Binary>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(webhook: seal; account);

/// Where the secret is sealed for.
const SECRET: &str = "webhook.secret_sealed";
const URL_CHARACTERS: usize = 200;
/// An attempt that has not ended by then was cut off.
const CUT_OFF: Duration = Duration::minutes(5);

/// A school's messenger as it stands.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub url: String,
    pub(super) secret_sealed: Vec<u8>,
    pub by: String,
    pub at: NaiveDateTime,
}

impl Webhook {
    pub(super) fn secret(&self, house: &House) -> Result<Vec<u8>, Refused> {
        house.keys.open(SECRET, &self.secret_sealed).map_err(Refused::broken)
    }
}

fn standing(look: &mut Look) -> Result<(i32, Option<Webhook>), Refused> {
    type Row = (i32, Option<String>, Option<Vec<u8>>, String, NaiveDateTime);
    let row: Option<Row> = look
        .own(webhook::rows)
        .inner_join(account::table.on(account::id.eq(webhook::account_id)))
        .order(webhook::revision.desc())
        .select((webhook::revision, webhook::url, webhook::secret_sealed, account::name, webhook::at))
        .first(look.conn())
        .optional()?;
    Ok(match row {
        None => (0, None),
        Some((revision, Some(url), Some(secret_sealed), by, at)) => {
            (revision, Some(Webhook { url, secret_sealed, by, at }))
        }
        Some((revision, ..)) => (revision, None),
    })
}

/// The messenger of this school, where it has one.
pub fn webhook(look: &mut Look) -> Result<Option<Webhook>, Refused> {
    Ok(standing(look)?.1)
}

/// The schools that have a messenger.
pub fn messengers(conn: &mut Conn) -> Result<HashSet<SchoolId>, Refused> {
    let rows: Vec<(SchoolId, bool)> = webhook::rows
        .table()
        .order((webhook::school_id, webhook::revision))
        .select((webhook::school_id, webhook::url.is_not_null()))
        .load(conn)?;
    // The highest revision is met last and stands.
    let standing: HashMap<SchoolId, bool> = rows.into_iter().collect();
    Ok(standing.into_iter().filter(|(_, on)| *on).map(|(school, _)| school).collect())
}

/// The office gives its messenger's address, or takes it away.
#[derive(Serialize)]
pub struct SetWebhook {
    /// Host and port, for the journal.
    host: Option<String>,
    #[serde(skip)]
    new: Option<(String, Vec<u8>)>,
    #[serde(skip)]
    revision: i32,
}

/// The address as it may be used.
///
/// # Errors
/// Which of the rules it breaks, in words.
pub(super) fn checked(url: &str, house: &House) -> Result<reqwest::Url, String> {
    let read =
        reqwest::Url::parse(url).map_err(|_| "认不出这个地址。应像 https://im.example.cn/qinghe。".to_owned())?;
    if read.scheme() != "https" && !(read.scheme() == "http" && is_loopback(&read)) {
        return Err("地址要以 https:// 开头；只有本机的可以用 http://。".to_owned());
    }
    if read.query().is_some() || read.fragment().is_some() || !read.username().is_empty() || read.password().is_some() {
        return Err("地址里不要带问号、井号和密码：验明身份用下面的密钥。".to_owned());
    }
    let host = host_of(&read);
    if !house.webhook_hosts.contains(&host) {
        return Err(format!(
            "{host} 不在县里允许的主机里（{}）。请服务器管理员把它加进 QINGHE_WEBHOOK_HOSTS。",
            house.webhook_hosts.join("、")
        ));
    }
    Ok(read)
}

impl SetWebhook {
    /// An empty address takes it away.
    ///
    /// # Errors
    /// [`Refused::Invalid`] at `url`; [`Refused::Conflict`] for taking away what is not there.
    pub fn prepare(tx: &mut Tx, _: WholeSchool, house: &House, url: &str, secret: &str) -> Result<Self, Refused> {
        tx.by().person()?;
        let (revision, stands) = standing(tx)?;
        let url = tidy(url);
        if url.is_empty() {
            if stands.is_none() {
                return Err(Refused::invalid("url", "请填消息工具的地址。"));
            }
            return Ok(SetWebhook { host: None, new: None, revision: revision + 1 });
        }
        if url.chars().count() > URL_CHARACTERS {
            return Err(Refused::invalid("url", format!("地址最多 {URL_CHARACTERS} 个字符。")));
        }
        let read = checked(&url, house).map_err(|why| Refused::invalid("url", why))?;
        let sealed = house.keys.seal(SECRET, secret.as_bytes());
        Ok(SetWebhook { host: Some(host_of(&read)), new: Some((url, sealed)), revision: revision + 1 })
    }
}

impl Act for SetWebhook {
    const VERB: &'static str = "webhook_set";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "on": self.new.is_some() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        let (url, sealed) = self.new.clone().unzip();
        tx.put(
            webhook::rows,
            (
                (webhook::revision.eq(self.revision), webhook::url.eq(url), webhook::secret_sealed.eq(sealed)),
                (webhook::account_id.eq(by), webhook::at.eq(at)),
            ),
        )?;
        Ok(())
    }
}

/// An attempt to send a letter.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = webhook_try)]
pub struct Tried {
    pub letter: String,
    pub n: i32,
    pub begun_at: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
    pub arrived: bool,
    pub fault: Option<String>,
}

impl Tried {
    /// When the next attempt is due; none where it arrived, or was the last.
    pub fn again_at(&self) -> Option<NaiveDateTime> {
        if self.arrived {
            return None;
        }
        let pause = usize::try_from(self.n - 1).ok().and_then(|n| PAUSES.get(n))?;
        let pause = Duration::minutes(*pause);
        Some(self.begun_at + if self.ended_at.is_none() { pause.max(CUT_OFF) } else { pause })
    }
}

/// The latest attempts of this school, the newest first.
pub fn latest_tries(look: &mut Look, most: i64) -> Result<Vec<Tried>, Refused> {
    let school = look.school();
    Ok(webhook_try::table
        .filter(webhook_try::school_id.eq(school))
        .order((webhook_try::begun_at.desc(), webhook_try::letter, webhook_try::n.desc()))
        .limit(most)
        .select(Tried::as_select())
        .load(look.conn())?)
}

/// A letter that is due, the number of its attempt, and the login of whom it is for.
pub(super) struct Due {
    pub letter: Letter,
    pub n: i32,
    pub login: String,
}

/// What is to be sent now, the oldest first.
pub(super) fn due(look: &mut Look, since: NaiveDateTime) -> Result<Vec<Due>, Refused> {
    let (school, now) = (look.school(), look.now());
    let letters = look.letters_since(since.max(now - NEWS))?;
    if letters.is_empty() {
        return Ok(Vec::new());
    }
    let tries: Vec<Tried> = webhook_try::table
        .filter(webhook_try::school_id.eq(school))
        .filter(webhook_try::begun_at.ge(now - NEWS))
        .order(webhook_try::n)
        .select(Tried::as_select())
        .load(look.conn())?;
    // The latest attempt is met last and stands.
    let tries: HashMap<String, Tried> = tries.into_iter().map(|tried| (tried.letter.clone(), tried)).collect();
    let next = |letter: &Letter| match tries.get(&letter.id) {
        None => Some(1),
        Some(last) => last.again_at().filter(|at| *at <= now).map(|_| last.n + 1),
    };
    let waiting: Vec<(Letter, i32)> =
        letters.into_iter().filter_map(|letter| next(&letter).map(|n| (letter, n))).collect();
    let accounts: Vec<AccountId> = waiting.iter().map(|(letter, _)| letter.to).collect();
    let logins: Vec<(AccountId, String)> = account::table
        .filter(account::id.eq_any(accounts))
        .filter(account::disabled_at.is_null())
        .select((account::id, account::login))
        .load(look.conn())?;
    let logins: HashMap<AccountId, String> = logins.into_iter().collect();
    Ok(waiting
        .into_iter()
        .filter_map(|(letter, n)| Some(Due { login: logins.get(&letter.to)?.clone(), letter, n }))
        .collect())
}

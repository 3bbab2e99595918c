use super::store::{Due, checked, due};
use super::{Webhook, webhook};
use crate::access::{House, Operator, Refused, SchoolOffice};
use crate::desk::letter::words;
use crate::names::SchoolId;
use crate::platform::clock::{rfc3339, unix_seconds};
use crate::platform::keys::mac_with;
use crate::schema::webhook_try;
use diesel::prelude::*;
use serde::Serialize;

const WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// Letters of one school sent one after the other before the others' turn.
const A_LOT: usize = 20;

/// What the messenger receives.
#[derive(Serialize)]
struct Message<'m> {
    /// The same at every attempt: whoever has seen it already drops it.
    id: &'m str,
    /// RFC 3339.
    at: String,
    /// The school's code 学校标识码.
    school: &'m str,
    /// The login of whom it is for.
    to: &'m str,
    what: &'m str,
    link: String,
}

/// How sending ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    Arrived,
    /// Why not, in words for the office.
    Failed(String),
}

/// Sends to messengers; no redirect leads it to another host, no proxy stands between.
#[derive(Clone)]
pub struct Sender(reqwest::Client);

impl Sender {
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, Refused> {
        // Somebody may have chosen one before; any will do.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(WAIT)
            .no_proxy()
            .user_agent("qinghe")
            .build()
            .map_err(Refused::broken)?;
        Ok(Sender(client))
    }

    async fn send(&self, house: &House, webhook: &Webhook, message: &Message<'_>) -> Result<Sent, Refused> {
        let url = match checked(&webhook.url, house) {
            Ok(url) => url,
            Err(why) => return Ok(Sent::Failed(why)),
        };
        let body = serde_json::to_string(message).map_err(Refused::broken)?;
        let signed_at = unix_seconds(house.clock.now());
        let mac = mac_with(&webhook.secret(house)?, &format!("{signed_at}.{body}"));
        let signature = format!("t={signed_at},v1={mac}");
        let sent = self
            .0
            .post(url)
            .header("content-type", "application/json")
            .header("qinghe-signature", signature)
            .body(body)
            .send()
            .await;
        Ok(match sent {
            Ok(answer) if answer.status().is_success() => Sent::Arrived,
            Ok(answer) => Sent::Failed(format!("对方答了 {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Sent::Failed(format!("{} 秒没有答复", WAIT.as_secs())),
            Err(error) if error.is_connect() => Sent::Failed("连不上对方".to_owned()),
            Err(_) => Sent::Failed("没有送出去".to_owned()),
        })
    }

    /// Sends a word that is about nobody, to see whether it arrives.
    pub async fn try_out(&self, office: &SchoolOffice, webhook: &Webhook, to: &str) -> Result<Sent, Refused> {
        let (house, school) = (office.house(), &office.school().code);
        let message = Message {
            id: "test",
            at: rfc3339(house.clock.now()),
            school,
            to,
            what: "这是青禾试发的一条消息",
            link: format!("{}/inbox", house.public_url),
        };
        self.send(house, webhook, &message).await
    }
}

/// Sends what one school's messenger has not been told yet, a lot at a time; whether there
/// was anything to do. After a failure the rest of the lot waits: the other side is down.
pub async fn work_at_letters(operator: &Operator, office: &SchoolOffice, sender: &Sender) -> Result<bool, Refused> {
    let Some((school, webhook, waiting)) = office
        .look(|look| {
            let Some(webhook) = webhook(look)? else { return Ok(None) };
            let waiting = due(look, webhook.at)?;
            Ok(Some((look.school(), webhook, waiting)))
        })
        .await?
    else {
        return Ok(false);
    };
    let mut worked = false;
    for due in waiting.into_iter().take(A_LOT) {
        let at = (school, due.letter.id.clone(), due.n);
        if !claim(operator, at.clone()).await? {
            continue;
        }
        worked = true;
        let sent = tell(sender, office, &webhook, &due).await?;
        let failed = sent != Sent::Arrived;
        note(operator, at, sent).await?;
        if failed {
            break;
        }
    }
    Ok(worked)
}

async fn tell(sender: &Sender, office: &SchoolOffice, webhook: &Webhook, due: &Due) -> Result<Sent, Refused> {
    let house = office.house();
    let message = Message {
        id: &due.letter.id,
        at: rfc3339(due.letter.at),
        school: &office.school().code,
        to: &due.login,
        what: words(&due.letter)?.what,
        link: format!("{}/inbox", house.public_url),
    };
    sender.send(house, webhook, &message).await
}

type At = (SchoolId, String, i32);

/// Takes one attempt for this process; false where another has it.
async fn claim(operator: &Operator, (school, letter, n): At) -> Result<bool, Refused> {
    let now = operator.county().house().clock.now();
    let claimed = operator.keep_house(move |conn| {
        let row = (
            (webhook_try::school_id.eq(school), webhook_try::letter.eq(letter), webhook_try::n.eq(n)),
            (webhook_try::begun_at.eq(now), webhook_try::arrived.eq(false)),
        );
        diesel::insert_into(webhook_try::table).values(row).execute(conn)?;
        Ok(())
    });
    match claimed.await {
        Err(refused) if refused.is_twice() => Ok(false),
        other => other.map(|()| true),
    }
}

async fn note(operator: &Operator, (school, letter, n): At, sent: Sent) -> Result<(), Refused> {
    let now = operator.county().house().clock.now();
    let (arrived, fault) = match sent {
        Sent::Arrived => (true, None),
        Sent::Failed(why) => (false, Some(why)),
    };
    operator
        .keep_house(move |conn| {
            diesel::update(webhook_try::table.find((school, letter, n)))
                .set((webhook_try::ended_at.eq(now), webhook_try::arrived.eq(arrived), webhook_try::fault.eq(fault)))
                .execute(conn)?;
            Ok(())
        })
        .await
}

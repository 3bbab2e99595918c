use crate::access::{CountyAudit, Refused};
use crate::names::Role;
use crate::overview::store::{LINES_A_PAGE, lines_of};
use crate::overview::words::{ACTS, act_word};
use crate::platform::page::Page;
use actix_web::get;
use actix_web::web::{Query, ServiceConfig};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct AuditView {
    day: String,
    today: String,
    act: String,
    acts: Vec<(&'static str, &'static str)>,
    lines: Vec<LineView>,
    page: i64,
    more: bool,
}

#[derive(Serialize)]
struct LineView {
    at: String,
    place: String,
    n: i64,
    role: &'static str,
    name: Option<String>,
    act: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    day: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    page: u16,
}

/// A day of the journal, by act; to be read, and nothing else.
#[get("")]
async fn journal_page(audit: CountyAudit, asked: Query<Asked>) -> Result<Page, Refused> {
    let (today, asked) = (audit.house().clock.today(), asked.into_inner());
    // A day that is none, or has not come, shows today, as the page does when it is first opened.
    let day = asked.day.parse::<NaiveDate>().ok().filter(|day| *day <= today).unwrap_or(today);
    let act = ACTS.iter().find(|(code, _)| *code == asked.act).map(|(code, _)| *code);
    let page = i64::from(asked.page);
    let mut lines = audit.look(move |look| lines_of(look, day, act, page)).await?;
    let most = usize::try_from(LINES_A_PAGE).unwrap_or(usize::MAX);
    let more = lines.len() > most;
    lines.truncate(most);
    let lines = lines
        .into_iter()
        .map(|line| LineView {
            at: line.at.format("%H:%M:%S").to_string(),
            place: line.school.unwrap_or_else(|| "县".to_owned()),
            n: line.n,
            role: whose(line.role),
            name: line.name,
            act: act_word(&line.verb).to_owned(),
        })
        .collect();
    let view = AuditView {
        day: day.to_string(),
        today: today.to_string(),
        act: act.unwrap_or_default().to_owned(),
        acts: ACTS.to_vec(),
        lines,
        page,
        more,
    };
    Ok(Page::of("overview/audit.html", &view).within("shell", audit.shell()))
}

fn whose(role: Role) -> &'static str {
    match role {
        Role::Operator => "命令行",
        Role::Owner => "账号本人",
        Role::Visitor => "没登录的人",
        staff => staff.word(),
    }
}

/// What is behind `/county/audit`.
pub fn audit(door: &mut ServiceConfig) {
    door.service(journal_page);
}

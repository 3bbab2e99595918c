//! `qinghe purge`: what has been kept as long as it may be goes, and every chain says so.

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::{Door, Operator, Refused, SchoolOffice};
use crate::journal;
use crate::names::SchoolId;
use crate::names::kept_for::in_words;
use crate::platform::db::Conn;
use crate::platform::settings::Settings;
use crate::record::evidence::{EvidencePurged, Overdue, overdue};
use crate::roster::schools;
use crate::schema::journal_head;
use diesel::prelude::*;
use std::process::ExitCode;

/// Every chain there is; 0 is the county's.
pub(super) fn chains(conn: &mut Conn) -> QueryResult<Vec<SchoolId>> {
    journal_head::table.order(journal_head::school_id).select(journal_head::school_id).load(conn)
}

/// Removes what has been kept as long as it may be, and says what it was.
pub async fn perform(settings: Settings, dry_run: bool) -> Done {
    let door = open_founded(&settings, Migrating::Embedded)?;
    for line in once(&door, dry_run).await? {
        println!("{line}");
    }
    Ok::<_, Failed>(ExitCode::SUCCESS)
}

/// What there was to remove, a sentence a line; with `dry_run` nothing is removed.
///
/// # Errors
/// What the database says; what was removed before stays removed and journalled.
pub async fn once(door: &Door, dry_run: bool) -> Result<Vec<String>, Refused> {
    let (operator, house) = (Operator::at(door), door.house());
    let (now, kept_for) = (house.clock.now(), house.kept_for);
    let did = if dry_run { "可以清除" } else { "清除了" };
    let schools = operator.process().look(schools).await?;
    let mut said = Vec::new();
    for chain in operator.survey(|conn| Ok(chains(conn)?)).await? {
        let school = schools.iter().find(|school| school.id == chain);
        let whose = school.map_or("县", |school| &school.name);
        let gone = if dry_run {
            let before = now - kept_for.detail;
            operator.survey(move |conn| Ok(journal::overdue(conn, chain, before)?)).await?.len()
        } else {
            details_gone(&operator, chain, now, kept_for.detail).await?
        };
        let kept = in_words(kept_for.detail);
        said.push(format!("{whose}：{did}满 {kept}的日志明细 {gone} 条（每一条做了什么仍在日志里）。"));
        let Some(school) = school else { continue };
        let office = operator.school_office(&school.code).await?;
        let whole = office.whole_school();
        let before = office.look(move |look| overdue(look, whole, kept_for.evidence)).await?;
        let photos = if dry_run { before.photos } else { evidence_gone(&office).await? };
        said.push(told(&school.name, did, photos, before, &in_words(kept_for.evidence)));
    }
    said.push(format!(
        "归档的档案、入选的照片、在籍的学籍不清除；登录记录和消息转发的经过满 {}、没人再用的照片文件，由运行着的网站自己清除。",
        in_words(kept_for.sessions)
    ));
    Ok(said)
}

fn told(school: &str, did: &str, photos: usize, before: Overdue, kept: &str) -> String {
    let mut told = format!("{school}：{did}毕业满 {kept}、没有入选的照片 {photos} 张。");
    if before.wait > 0 {
        told.push_str(&format!("另有 {} 张到了期限，等里面的同学毕业档案归档以后再清除。", before.wait));
    }
    told
}

async fn details_gone(
    operator: &Operator,
    chain: SchoolId,
    now: chrono::NaiveDateTime,
    kept: chrono::Months,
) -> Result<usize, Refused> {
    let mut gone = 0;
    loop {
        match operator.keep_house(move |conn| Ok::<_, Refused>(journal::purge(conn, chain, now, kept)?)).await? {
            0 => return Ok(gone),
            some => gone += some,
        }
    }
}

/// Removes the overdue photos of a school, one act after the other; says how many.
pub(super) async fn evidence_gone(office: &SchoolOffice) -> Result<usize, Refused> {
    let (whole, kept) = (office.whole_school(), office.house().kept_for.evidence);
    let mut gone = 0;
    loop {
        match office.try_act(move |tx| EvidencePurged::prepare(tx, whole, kept)).await {
            Ok(Ok(some)) => gone += some,
            // Nothing is left, or one of the files is just being deleted: the next time.
            Ok(Err(())) | Err(Refused::Conflict(_)) => return Ok(gone),
            Err(other) => return Err(other),
        }
    }
}

//! `qinghe purge`

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::{Operator, Refused};
use crate::journal;
use crate::names::SchoolId;
use crate::platform::db::Conn;
use crate::platform::settings::Settings;
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
    let (operator, now) = (Operator::at(&door), door.house().clock.now());
    let chains = operator.survey(|conn| Ok(chains(conn)?)).await?;
    for chain in chains {
        let mut gone = 0;
        if dry_run {
            gone = operator.survey(move |conn| Ok(journal::overdue(conn, chain, now)?)).await?.len();
        } else {
            loop {
                let some = operator.keep_house(move |conn| Ok::<_, Refused>(journal::purge(conn, chain, now)?)).await?;
                if some == 0 {
                    break;
                }
                gone += some;
            }
        }
        let whose = if chain == journal::COUNTY_CHAIN { "县".to_owned() } else { format!("学校 {}", chain.0) };
        let did = if dry_run { "可以清除" } else { "清除了" };
        println!("{whose}：{did}满三年的日志明细 {gone} 条（每一条做了什么仍在日志里）");
    }
    println!("归档的档案、在籍的学籍不清除；登录记录 190 天，由运行着的网站自己清除。");
    Ok::<_, Failed>(ExitCode::SUCCESS)
}

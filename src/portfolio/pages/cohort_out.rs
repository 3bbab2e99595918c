use super::run::{Typed, cohort_name, file_stem, shown};
use crate::access::{Posted, Refused, SchoolOffice, off_the_loop};
use crate::names::{Cohort, Domain};
use crate::platform::files::sha256_hex;
use crate::platform::page::{Download, Page, zip_of};
use crate::platform::text::tidy;
use crate::portfolio::file::GraduationFile;
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{SendCohort, Sending, issued, sealed_bytes};
use actix_web::web::Path;
use actix_web::{Either, post};
use serde::Serialize;
use std::collections::HashMap;

/// The columns a workbook may have, in the order they stand: code, heading.
const COLUMNS: [(&str, &str); 15] = [
    ("class", "班级"),
    ("seat", "座号"),
    ("name", "姓名"),
    ("sex", "性别"),
    ("born_on", "出生日期"),
    ("moral", "德"),
    ("academic", "智"),
    ("physical", "体"),
    ("aesthetic", "美"),
    ("labour", "劳"),
    ("homeroom", "班主任"),
    ("code", "档案编号"),
    ("version", "版本"),
    ("sealed_at", "归档时间"),
    ("sha256", "档案 SHA-256"),
];

/// Those chosen where nothing was sent before: who it is, the five bands, the code.
const AT_FIRST: [&str; 10] =
    ["class", "seat", "name", "moral", "academic", "physical", "aesthetic", "labour", "code", "version"];

#[derive(Serialize)]
pub(super) struct ColumnView {
    code: &'static str,
    heading: &'static str,
    chosen: bool,
}

#[derive(Serialize)]
pub(super) struct SentView {
    at: String,
    by: String,
    recipient: String,
    what: String,
}

/// What a workbook may have, with those columns chosen that were `typed`, or those of the
/// last one, and what of this cohort has left so far.
pub(super) fn out_views(
    sendings: Vec<Sending>,
    cohort: Cohort,
    typed: Option<&[&str]>,
) -> (Vec<ColumnView>, Vec<SentView>) {
    let last = sendings.iter().find(|sending| !sending.columns.is_empty());
    let chosen = match (typed, last) {
        (Some(typed), _) => typed.to_vec(),
        (None, Some(last)) => last.columns.split(' ').collect(),
        (None, None) => AT_FIRST.to_vec(),
    };
    let columns = COLUMNS.map(|(code, heading)| ColumnView { code, heading, chosen: chosen.contains(&code) });
    let sent = sendings.iter().filter(|sending| sending.cohort == cohort.0).map(|sending| SentView {
        at: moment_words(sending.at),
        by: sending.by.clone(),
        recipient: sending.recipient.clone(),
        what: match sending.form.as_str() {
            "clr" => format!("凭证 {} 份", sending.pupils),
            _ => format!("等级表 {} 人，{}", sending.pupils, headings(&sending.columns)),
        },
    });
    (columns.into(), sent.collect())
}

/// `班级、座号、姓名`
fn headings(columns: &str) -> String {
    let known = |code: &str| COLUMNS.iter().find(|column| column.0 == code).map(|column| column.1);
    columns.split(' ').filter_map(known).collect::<Vec<_>>().join("、")
}

fn cell(file: &GraduationFile, sealed_sha256: &str, column: &str) -> String {
    match column {
        "class" => file.class.name.clone(),
        "seat" => file.class.seat.to_string(),
        "name" => file.student.name.clone(),
        "sex" => file.student.sex.clone(),
        "born_on" => file.student.born_on.to_string(),
        "homeroom" => file.homeroom.clone().unwrap_or_default(),
        "code" => file.code.clone(),
        "version" => format!("第 {} 版", file.version),
        "sealed_at" => file.sealed.at.format("%Y-%m-%d %H:%M").to_string(),
        "sha256" => sealed_sha256.to_owned(),
        domain => {
            let domain = Domain::ALL.iter().find(|known| known.code() == domain);
            let band = domain.and_then(|domain| file.graduation.get(domain).copied().flatten());
            file.scheme.word(band).to_owned()
        }
    }
}

fn columns_of(form: &HashMap<String, String>) -> impl Iterator<Item = (&'static str, &'static str)> {
    COLUMNS.into_iter().filter(|(code, _)| form.contains_key(&format!("col_{code}")))
}

/// A sealed portfolio of the cohort.
struct One {
    file: GraduationFile,
    sealed_sha256: String,
    credential_sha256: Option<String>,
}

/// The cohort for another office: a workbook with the columns that were chosen, or
/// everyone's credential in a zip. Classes in class order, pupils in seat order; no other
/// order is to be had. What leaves is journalled with its hash and whom it is for.
#[post("/print/{cohort}/out")]
pub(super) async fn send(
    office: SchoolOffice,
    path: Path<i32>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<Download, Page>, Refused> {
    let (cohort, form) = (Cohort(*path), form.0);
    match sent_out(&office, cohort, &form).await {
        Ok(download) => Ok(Either::Left(download)),
        Err(refused) => {
            let told = refused.at_form("recipient")?;
            let typed = Typed {
                form: "out",
                recipient: form.get("recipient").cloned().unwrap_or_default(),
                columns: Some(columns_of(&form).map(|(code, _)| code).collect()),
                ..Typed::default()
            };
            Ok(Either::Right(shown(&office, cohort, told, typed).await?))
        }
    }
}

async fn sent_out(office: &SchoolOffice, cohort: Cohort, form: &HashMap<String, String>) -> Result<Download, Refused> {
    let whole = office.whole_school();
    let recipient = tidy(form.get("recipient").map_or("", String::as_str));
    if recipient.is_empty() {
        return Err(Refused::invalid("recipient", "请写给哪个单位；这一笔要记在日志里。"));
    }
    let as_clr = form.get("form").is_some_and(|form| form == "clr");
    let columns: Vec<(&'static str, &'static str)> = columns_of(form).collect();
    if columns.is_empty() && !as_clr {
        return Err(Refused::invalid("columns", "等级表一列也没有选。请至少选一列。"));
    }
    let mut all: Vec<One> = office
        .look(move |look| {
            issued(look, whole, cohort)?
                .into_iter()
                .map(|one| {
                    let file =
                        serde_json::from_slice(&sealed_bytes(look, &one.sealed_sha256)?).map_err(Refused::broken)?;
                    let (sealed_sha256, credential_sha256) = (one.sealed_sha256, one.credential_sha256);
                    Ok(One { file, sealed_sha256, credential_sha256 })
                })
                .collect()
        })
        .await?;
    if all.is_empty() {
        return Err(Refused::NotFound);
    }
    all.sort_by_key(|one| (one.file.class.number, one.file.class.seat));
    let (pupils, files) = (all.len(), office.house().files.clone());
    let (words, chosen) = (cohort_name(cohort), columns.clone());
    let made = off_the_loop(move || {
        if !as_clr {
            let header: Vec<String> = chosen.iter().map(|(_, heading)| (*heading).to_owned()).collect();
            let line = |one: &One| chosen.iter().map(|(code, _)| cell(&one.file, &one.sealed_sha256, code)).collect();
            let lines: Vec<Vec<String>> = all.iter().map(line).collect();
            return crate::platform::workbook::write("毕业等级", &header, &lines).map_err(Refused::broken);
        }
        let waiting = all.iter().filter(|one| one.credential_sha256.is_none()).count();
        if waiting > 0 {
            let why = format!("还有 {waiting} 份没有制作，凭证还不齐。请先把这一届的档案做完，再导出凭证。");
            return Err(Refused::conflict(why));
        }
        let mut entries = Vec::with_capacity(all.len());
        for one in &all {
            let Some(sha256) = &one.credential_sha256 else { continue };
            let name =
                format!("{}/{}.jwt", one.file.class.name, file_stem(one.file.class.seat, &one.file.student.name));
            entries.push((name, files.get(sha256)?));
        }
        Ok(zip_of(entries)?)
    });
    let bytes = made.await?;
    let sent = SendCohort {
        cohort,
        form: if as_clr { "clr" } else { "xlsx" },
        columns: if as_clr { Vec::new() } else { columns.into_iter().map(|(code, _)| code).collect() },
        pupils,
        recipient,
        sha256: sha256_hex(&bytes),
    };
    office.act(move |_| Ok(sent)).await?;
    let (what, ending, media_type) = if as_clr {
        ("凭证", "zip", "application/zip")
    } else {
        ("毕业等级", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    };
    Ok(Download { name: format!("{words}-{what}.{ending}"), media_type, bytes, inline: false })
}

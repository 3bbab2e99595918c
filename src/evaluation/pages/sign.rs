use super::grid::day;
use crate::access::{Homeroom, Posted, Refused};
use crate::cycle::signed_by;
use crate::evaluation::{SignClass, missing};
use crate::names::{StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use crate::scheme::scheme_of;
use actix_web::web::Path;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct SignView {
    class: crate::access::OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    pupils: usize,
    complete: usize,
    missing: Vec<MissingView>,
    /// Someone's ground or help measure is missing: the class cannot be signed.
    blocked: bool,
    signed: Option<String>,
    may_sign: bool,
}

#[derive(Serialize)]
struct MissingView {
    student: StudentId,
    seat: i32,
    name: String,
    what: Vec<String>,
    blocks: bool,
}

/// What is missing before the class is signed, pupil by pupil, with the way to mend it.
#[get("/{term}/sign")]
pub(super) async fn sign_page(homeroom: Homeroom, path: Path<(String, Term)>) -> Result<Page, Refused> {
    let (own, term) = (homeroom.class(), path.1);
    if term != own.term() {
        return Err(Refused::NotFound);
    }
    let may_sign = homeroom.may_sign();
    let view = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let scheme = scheme_of(look, own.cohort(), own.term())?;
            let pupils = class_list(look, &own, dates)?.len();
            let missing: Vec<MissingView> = missing(look, &own, dates)?
                .into_iter()
                .map(|m| {
                    let mut what: Vec<String> = Vec::new();
                    if !m.bands.is_empty() {
                        let names: Vec<&str> = m.bands.iter().map(|d| d.character()).collect();
                        what.push(format!("{}没有等级", names.join("、")));
                    }
                    for (domain, lack) in &m.lacks {
                        what.push(format!("{}：{}", scheme.domain(*domain).name, lack.word()));
                    }
                    for domain in &m.outcomes {
                        what.push(format!("{}：上学期的帮扶后来怎样", scheme.domain(*domain).name));
                    }
                    if m.comment {
                        what.push("没有评语".to_owned());
                    }
                    MissingView {
                        student: m.pupil.id,
                        seat: m.pupil.seat,
                        name: m.pupil.name,
                        what,
                        blocks: !m.lacks.is_empty(),
                    }
                })
                .collect();
            let signed = signed_by(look, &own.into(), term)?;
            Ok(SignView {
                class: own,
                class_name: own.name(),
                term,
                term_name: term.name(),
                pupils,
                complete: pupils - missing.len(),
                blocked: missing.iter().any(|m| m.blocks),
                missing,
                signed: signed.map(|by| format!("{} {} 签字", day(by.at.date()), by.name)),
                may_sign,
            })
        })
        .await?;
    Ok(Page::of("evaluation/sign.html", &view).within("shell", homeroom.shell()))
}

#[derive(Deserialize)]
struct SignForm {
    /// `yes`: what is missing stands as 无记录.
    accept: Option<String>,
}

/// Signs the class: bands become visible to families.
#[post("/{term}/sign")]
pub(super) async fn sign(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    form: Posted<SignForm>,
) -> Result<SeeOther, Refused> {
    if !homeroom.may_sign() {
        return Err(Refused::NotFound);
    }
    let (own, term) = (homeroom.class(), path.1);
    let accepted = form.0.accept.as_deref() == Some("yes");
    homeroom
        .act(move |tx| {
            let present = term_dates(tx, own.term())?;
            SignClass::prepare(tx, &own, term, present, accepted)
        })
        .await?;
    Ok(SeeOther(format!("/class/{}/{term}/sign", own.id())))
}

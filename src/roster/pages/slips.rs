use crate::access::{Homeroom, OwnClass, Posted, Refused};
use crate::names::Term;
use crate::platform::page::Page;
use crate::platform::qr::{QrPath, qr_path};
use crate::roster::calendar::term_dates;
use crate::roster::{MakeSlips, Slip, bound_among, class_list};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct SlipsView {
    class: OwnClass,
    class_name: String,
    term: Term,
    pupils: Vec<PupilView>,
    bound: usize,
    /// Slips just made: shown once, to be printed and cut.
    slips: Vec<SlipView>,
    join: String,
}

#[derive(Serialize)]
struct PupilView {
    seat: i32,
    name: String,
    bound: bool,
}

#[derive(Serialize)]
struct SlipView {
    seat: i32,
    name: String,
    code: String,
    /// The address of the slip, for a phone's camera.
    qr: Option<QrPath>,
    until: String,
}

async fn page(homeroom: &Homeroom, slips: Vec<Slip>) -> Result<Page, Refused> {
    let own = homeroom.class();
    let pupils: Vec<PupilView> = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let bound = bound_among(look, pupils.iter().map(|pupil| pupil.id).collect())?;
            Ok(pupils
                .into_iter()
                .map(|pupil| PupilView { seat: pupil.seat, bound: bound.contains(&pupil.id), name: pupil.name })
                .collect())
        })
        .await?;
    let join = format!("{}/join", homeroom.house().public_url);
    let view = SlipsView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        bound: pupils.iter().filter(|pupil| pupil.bound).count(),
        pupils,
        slips: slips
            .into_iter()
            .map(|slip| SlipView {
                seat: slip.seat,
                name: slip.name,
                qr: qr_path(&format!("{join}/{}", slip.code.replace('-', ""))),
                code: slip.code,
                until: slip.expires_at.format("%Y-%m-%d").to_string(),
            })
            .collect(),
        join,
    };
    Ok(Page::of("roster/slips.html", &view).within("shell", homeroom.shell()))
}

/// Who of the class has a guardian bound.
#[get("/slips")]
pub(super) async fn slips_page(homeroom: Homeroom) -> Result<Page, Refused> {
    page(&homeroom, Vec::new()).await
}

#[derive(Deserialize)]
struct Nothing {}

/// Makes slips for those who have none bound; older ones end.
#[post("/slips")]
pub(super) async fn make_slips(homeroom: Homeroom, _form: Posted<Nothing>) -> Result<Page, Refused> {
    let (own, keys) = (homeroom.class(), homeroom.house().keys.clone());
    let slips = homeroom.act(move |tx| MakeSlips::for_own(tx, &keys, &own)).await?;
    page(&homeroom, slips).await
}

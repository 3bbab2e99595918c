//! The grid of one observation item that is given as a band, for its own recorder.

use super::{BandView, band_views};
use crate::access::{Desk, Fault, Homeroom, OwnClass, Posted, Refused, Shell, Subject};
use crate::evaluation::Band;
use crate::evaluation::store::{BandIndicator, GivenBy, WantedIndicator, indicator_cells};
use crate::names::{StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::{Pupil, class_list};
use crate::scheme::{Indicator, Recorder, Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Serialize)]
struct GridView<'a> {
    class_name: String,
    term: Term,
    term_name: String,
    /// `/class/…` or `/subject/…`.
    base: String,
    homeroom: bool,
    pe: bool,
    subject: &'a str,
    subjects: &'a [String],
    items: Vec<ItemLink<'a>>,
    code: &'a str,
    item: &'a str,
    rows: Vec<RowView<'a>>,
    bands: Vec<BandView<'a>>,
    saved: Option<usize>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct ItemLink<'a> {
    code: &'a str,
    item: &'a str,
}

#[derive(Serialize)]
struct RowView<'a> {
    student: StudentId,
    seat: i32,
    name: &'a str,
    band: String,
    /// The revision that is shown.
    seen: i32,
    /// What somebody else made it meanwhile.
    now: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    subject: Option<String>,
    item: Option<String>,
    saved: Option<usize>,
}

/// A recorder at their own desk.
struct At<'g> {
    desk: &'g Desk,
    shell: &'g Shell,
    own: OwnClass,
    base: String,
    by: GivenBy,
    subject: String,
    subjects: Vec<String>,
}

impl<'g> At<'g> {
    fn homeroom(homeroom: &'g Homeroom) -> Self {
        let own = homeroom.class();
        At {
            desk: homeroom,
            shell: homeroom.shell(),
            own,
            base: format!("/class/{}", own.id()),
            by: GivenBy::homeroom(),
            subject: String::new(),
            subjects: Vec::new(),
        }
    }

    fn subject(teacher: &'g Subject, named: Option<&str>) -> Result<Self, Refused> {
        let own = teacher.class();
        let first = teacher.subjects().first().ok_or(Refused::NotFound)?;
        let subject = teacher.own(named.unwrap_or(first))?;
        Ok(At {
            desk: teacher,
            shell: teacher.shell(),
            own,
            base: format!("/subject/{}", own.id()),
            by: GivenBy::subject(&subject),
            subject: subject.name().to_owned(),
            subjects: teacher.subjects().to_vec(),
        })
    }

    fn items<'s>(&self, read: &'s Read) -> Vec<&'s Indicator> {
        if self.subject.is_empty() {
            return read.scheme.banded_by(read.school, Recorder::Homeroom).collect();
        }
        let items = read.scheme.banded_by(read.school, Recorder::Subject);
        items.filter(|item| item.is_of_subject(&self.subject)).collect()
    }

    async fn read(&self, code: Option<String>) -> Result<Read, Refused> {
        let (own, by, subject) = (self.own, self.by.clone(), self.subject.clone());
        self.desk
            .look(move |look| {
                let dates = term_dates(look, own.term())?;
                let scheme = scheme_of(look, own.cohort(), own.term())?;
                let pupils = class_list(look, &own, dates)?;
                let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
                let recorder = if subject.is_empty() { Recorder::Homeroom } else { Recorder::Subject };
                let school = look.school();
                let code = code.or_else(|| {
                    let mut items = scheme.banded_by(school, recorder);
                    let first = items.find(|item| subject.is_empty() || item.is_of_subject(&subject));
                    first.map(|item| item.code.clone())
                });
                let cells = match &code {
                    Some(code) => indicator_cells(look, own.term(), code, &by, &students)?,
                    None => HashMap::new(),
                };
                Ok(Read { scheme, school, pupils, cells, code: code.unwrap_or_default() })
            })
            .await
    }

    /// # Errors
    /// [`Refused::NotFound`] for an item that is not this recorder's.
    fn page(
        &self,
        read: &Read,
        typed: &HashMap<String, String>,
        saved: Option<usize>,
        faults: Vec<Fault>,
        status: StatusCode,
    ) -> Result<Page, Refused> {
        let items = self.items(read);
        let item = items.iter().find(|item| item.code == read.code);
        if item.is_none() && !read.code.is_empty() {
            return Err(Refused::NotFound);
        }
        let cell = |student: StudentId| read.cells.get(&student).copied().unwrap_or_default();
        let overtaken = |student: StudentId| {
            let (band, revision) = cell(student);
            let stale = seen(typed, student)? != revision && typed.contains_key(&format!("band_{student}"));
            stale.then_some(band)
        };
        let view = GridView {
            class_name: self.own.name(),
            term: self.own.term(),
            term_name: self.own.term().name(),
            base: self.base.clone(),
            homeroom: self.subject.is_empty(),
            pe: self.subjects.iter().any(|subject| subject == crate::access::PHYSICAL_EDUCATION),
            subject: &self.subject,
            subjects: &self.subjects,
            code: &read.code,
            item: item.map_or("", |item| item.item.as_str()),
            items: items.iter().map(|item| ItemLink { code: &item.code, item: &item.item }).collect(),
            rows: read
                .pupils
                .iter()
                .map(|pupil| RowView {
                    student: pupil.id,
                    seat: pupil.seat,
                    name: &pupil.name,
                    seen: cell(pupil.id).1,
                    now: overtaken(pupil.id).map(|band| band.map_or("空着", |band| band.word(&read.scheme)).to_owned()),
                    band: typed
                        .get(&format!("band_{}", pupil.id))
                        .cloned()
                        .unwrap_or_else(|| cell(pupil.id).0.map_or("", |band| band.code()).to_owned()),
                })
                .collect(),
            bands: band_views(&read.scheme),
            saved,
            faults,
        };
        Ok(Page::of("evaluation/indicators.html", &view).within("shell", self.shell).with_status(status))
    }

    async fn save(&self, term: Term, typed: HashMap<String, String>) -> Result<Either<SeeOther, Page>, Refused> {
        let code = typed.get("item").cloned().ok_or(Refused::NotFound)?;
        let read = self.read(Some(code.clone())).await?;
        let (mut wanted, mut faults) = (Vec::new(), Vec::new());
        for pupil in &read.pupils {
            let want = |band| WantedIndicator { student: pupil.id, band, seen: seen(&typed, pupil.id).or(Some(0)) };
            match typed.get(&format!("band_{}", pupil.id)).map(String::as_str) {
                None => {}
                Some("") => wanted.push(want(None)),
                Some(said) => match said.parse::<Band>() {
                    Ok(band) => wanted.push(want(Some(band))),
                    Err(_) => faults.push(Fault::at("", format!("{}的等级认不出，请在四个等级里选一个。", pupil.name))),
                },
            }
        }
        if !faults.is_empty() {
            let page = self.page(&read, &typed, None, faults, StatusCode::UNPROCESSABLE_ENTITY)?;
            return Ok(Either::Right(page));
        }
        let (own, by) = (self.own, self.by.clone());
        let item = code.clone();
        let saved = self.desk.try_act(move |tx| BandIndicator::of_class(tx, &own, term, &item, by, &wanted)).await;
        match saved {
            Ok(saved) => {
                let saved = saved.unwrap_or_else(|unchanged| unchanged).to_string();
                let query = [("subject", self.subject.as_str()), ("item", &code), ("saved", &saved)];
                let query = serde_urlencoded::to_string(query).map_err(Refused::broken)?;
                Ok(Either::Left(SeeOther(format!("{}/indicators?{query}", self.base))))
            }
            Err(refused) => {
                let (status, faults) = refused.at_form("")?;
                let read = self.read(Some(code)).await?;
                Ok(Either::Right(self.page(&read, &typed, None, faults, status)?))
            }
        }
    }
}

/// The revision that a form was shown of a pupil.
fn seen(typed: &HashMap<String, String>, student: StudentId) -> Option<i32> {
    typed.get(&format!("seen_{student}"))?.parse().ok()
}

struct Read {
    scheme: Arc<Scheme>,
    school: crate::names::SchoolId,
    pupils: Vec<Pupil>,
    cells: HashMap<StudentId, (Option<Band>, i32)>,
    code: String,
}

/// The homeroom teacher's items.
#[get("/indicators")]
pub(super) async fn homeroom_indicators(homeroom: Homeroom, asked: Query<Asked>) -> Result<Page, Refused> {
    let (at, asked) = (At::homeroom(&homeroom), asked.into_inner());
    let read = at.read(asked.item).await?;
    at.page(&read, &HashMap::new(), asked.saved, Vec::new(), StatusCode::OK)
}

#[post("/{term}/indicators")]
pub(super) async fn save_homeroom_indicators(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    At::homeroom(&homeroom).save(path.1, form.0).await
}

/// The items of a subject teacher.
#[get("/indicators")]
pub(super) async fn subject_indicators(teacher: Subject, asked: Query<Asked>) -> Result<Page, Refused> {
    let asked = asked.into_inner();
    let at = At::subject(&teacher, asked.subject.as_deref().filter(|named| !named.is_empty()))?;
    let read = at.read(asked.item).await?;
    at.page(&read, &HashMap::new(), asked.saved, Vec::new(), StatusCode::OK)
}

#[post("/{term}/indicators")]
pub(super) async fn save_subject_indicators(
    teacher: Subject,
    path: Path<(String, Term)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let named = form.0.get("subject").cloned().unwrap_or_default();
    At::subject(&teacher, Some(&named))?.save(path.1, form.0).await
}

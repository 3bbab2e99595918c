use crate::access::{Desk, Fault, Homeroom, InSchool, KnownClass, OwnClass, Posted, Refused, Shell, Upload};
use crate::names::{StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::{Pupil, class_list};
use crate::vision::reading::{SightRead, read_sight};
use crate::vision::{Eye, Eyes, RecordVision, Sight, class_sight};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Serialize)]
struct SheetView {
    /// `/class/…` or `/health/…`, where the sheet is kept.
    address: String,
    class_name: String,
    term: Term,
    term_name: String,
    rows: Vec<RowView>,
    done: usize,
    saved: Option<usize>,
    /// The rows come from a file and are not stored yet.
    from_file: bool,
    unreadable: Option<String>,
    faults: Vec<Fault>,
    file_faults: Vec<FileFault>,
}

#[derive(Serialize)]
struct RowView {
    student: StudentId,
    seat: i32,
    name: String,
    left: String,
    right: String,
}

#[derive(Serialize)]
struct FileFault {
    line: usize,
    name: String,
    column: String,
    was: String,
    cure: String,
}

/// What is shown in place of what stands.
#[derive(Default)]
struct Around {
    typed: HashMap<String, String>,
    read: Option<SightRead>,
    saved: Option<usize>,
    unreadable: Option<String>,
    faults: Vec<Fault>,
}

/// A class whose sight is screened, by whom its keeper let in.
#[derive(Clone, Copy)]
pub(super) struct Screening<'g, C> {
    pub desk: &'g Desk<InSchool>,
    pub shell: &'g Shell,
    pub class: C,
    /// What stands before the class in an address.
    pub door: &'static str,
}

type Standing = (Vec<Pupil>, HashMap<StudentId, Sight>);

impl<C: KnownClass> Screening<'_, C> {
    fn address(&self) -> String {
        format!("{}/{}", self.door, self.class.id())
    }

    async fn standing(&self) -> Result<Standing, Refused> {
        let own = self.class;
        self.desk
            .look(move |look| {
                let dates = term_dates(look, own.term())?;
                let pupils = class_list(look, &own, dates)?;
                let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
                Ok((pupils, class_sight(look, &own, &students)?))
            })
            .await
    }

    fn page(&self, (pupils, sight): Standing, around: Around) -> Page {
        let own = self.class;
        let done =
            pupils.iter().filter(|pupil| sight.get(&pupil.id).is_some_and(|sight| !sight.eyes.is_empty())).count();
        let say = |eye: Option<Eye>| eye.map(|eye| eye.to_string()).unwrap_or_default();
        let rows = pupils
            .into_iter()
            .map(|pupil| {
                let stands = sight.get(&pupil.id).copied().unwrap_or_default().eyes;
                let eyes = around.read.as_ref().and_then(|read| read.eyes.get(&pupil.id)).copied().unwrap_or(stands);
                let typed =
                    |side: &str, eye| around.typed.get(&format!("{side}_{}", pupil.id)).cloned().unwrap_or(say(eye));
                let (left, right) = (typed("left", eyes.left), typed("right", eyes.right));
                RowView { student: pupil.id, seat: pupil.seat, name: pupil.name, left, right }
            })
            .collect();
        let refused = around.unreadable.is_some() || !around.faults.is_empty();
        let view = SheetView {
            address: self.address(),
            class_name: own.class_name().in_year(own.term().year()),
            term: own.term(),
            term_name: own.term().name(),
            rows,
            done,
            saved: around.saved,
            from_file: around.read.is_some(),
            unreadable: around.unreadable,
            faults: around.faults,
            file_faults: around
                .read
                .into_iter()
                .flat_map(|read| read.faults)
                .map(|(line, name, note)| FileFault { line, name, column: note.column, was: note.was, cure: note.cure })
                .collect(),
        };
        let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        Page::of("vision/sheet.html", &view).within("shell", self.shell).with_status(status)
    }

    /// One line a pupil, one field an eye.
    pub async fn show(&self, saved: Option<usize>) -> Result<Page, Refused> {
        let standing = self.standing().await?;
        Ok(self.page(standing, Around { saved, ..Around::default() }))
    }

    /// Reads a sheet into the form; stores nothing.
    pub async fn bring(&self, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
        let standing = self.standing().await?;
        let around = match upload {
            Ok(upload) => match read_sight(&upload.bytes, &standing.0) {
                Ok(read) => Around { read: Some(read), ..Around::default() },
                Err(no_sheet) => Around { unreadable: Some(no_sheet.to_string()), ..Around::default() },
            },
            Err(refused @ Refused::Invalid(_)) => Around { unreadable: Some(refused.words().1), ..Around::default() },
            Err(other) => return Err(other),
        };
        Ok(self.page(standing, around))
    }

    /// Takes the form: the whole class in one act.
    pub async fn save(&self, term: Term, typed: HashMap<String, String>) -> Result<Either<SeeOther, Page>, Refused> {
        let own = self.class;
        let standing = self.standing().await?;
        let (mut wanted, mut faults) = (Vec::new(), Vec::new());
        for pupil in &standing.0 {
            let mut eye = |side: &str, word: &str| -> Option<Option<Eye>> {
                let field = format!("{side}_{}", pupil.id);
                match typed.get(&field).map(|typed| typed.trim())? {
                    "" => Some(None),
                    said => match Eye::read(said) {
                        Ok(eye) => Some(Some(eye)),
                        Err(cure) => {
                            faults.push(Fault::at(field, format!("{}的{word}“{said}”{cure}", pupil.name)));
                            None
                        }
                    },
                }
            };
            if let (Some(left), Some(right)) = (eye("left", "左眼"), eye("right", "右眼")) {
                wanted.push((pupil.id, Eyes { left, right }));
            }
        }
        if !faults.is_empty() {
            return Ok(Either::Right(self.page(standing, Around { typed, faults, ..Around::default() })));
        }
        let saved = self.desk.try_act(move |tx| RecordVision::prepare(tx, &own, term, &wanted)).await?;
        let saved = saved.unwrap_or_else(|unchanged| unchanged);
        Ok(Either::Left(SeeOther(format!("{}/vision?saved={saved}", self.address()))))
    }
}

#[derive(Deserialize)]
pub(super) struct Saved {
    pub saved: Option<usize>,
}

fn of(homeroom: &Homeroom) -> Screening<'_, OwnClass> {
    Screening { desk: homeroom, shell: homeroom.shell(), class: homeroom.class(), door: "/class" }
}

/// The sheet of one's own class.
#[get("/vision")]
pub(super) async fn sheet(homeroom: Homeroom, asked: Query<Saved>) -> Result<Page, Refused> {
    of(&homeroom).show(asked.saved).await
}

/// Reads a sheet into the form; stores nothing.
#[post("/vision")]
pub(super) async fn bring(homeroom: Homeroom, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    of(&homeroom).bring(upload).await
}

/// Takes the form.
#[post("/{term}/vision")]
pub(super) async fn save(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    of(&homeroom).save(path.1, form.0).await
}
